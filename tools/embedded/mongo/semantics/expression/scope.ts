import type { BsonDate, Doc, Missing, Value } from '../value.ts';

/** What an expression sees: the document, what `$field` starts from, and the variables bound around it. */
export interface Scope {
  readonly root: Doc;
  readonly variables: ReadonlyMap<string, Value | Missing>;
}

export type Result = Value | Missing;
export type Evaluate = (scope: Scope) => Result;

/** A compiled expression; constant ones are computed once, so their errors come before any document. */
export interface Compiled {
  readonly run: Evaluate;
  readonly constant: boolean;
}

export function scopeOf(root: Doc, now?: BsonDate): Scope {
  const variables = new Map<string, Value | Missing>([
    ['ROOT', root],
    ['CURRENT', root],
    ['REMOVE', undefined],
  ]);
  if (now) variables.set('NOW', now);
  return { root, variables };
}

export const bind = (scope: Scope, names: ReadonlyArray<readonly [string, Result]>): Scope => ({
  root: scope.root,
  variables: new Map([...scope.variables, ...names]),
});

export const isNullish = (value: Result): value is null | undefined => value === null || value === undefined;

export const fixed = (value: Result): Compiled => ({ run: () => value, constant: true });

/** `names` are the variables an operator such as `$map` binds inside. */
type Compile = (expression: Value, names?: readonly string[]) => Compiled;
export type Build = (argument: Value, compile: Compile, name: string) => Compiled;
