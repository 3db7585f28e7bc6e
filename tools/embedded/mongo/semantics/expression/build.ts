import { MongoError } from '../errors.ts';
import { Doc, type Value } from '../value.ts';
import { fixed, type Build, type Compiled, type Result, type Scope } from './scope.ts';

type Apply = (values: Result[], name: string) => Result;

const EMPTY: Scope = { root: new Doc(), variables: new Map() };

/** Computes at once what no document can change. */
export function folded(parts: readonly Compiled[], run: Compiled['run']): Compiled {
  return parts.every(({ constant }) => constant) ? fixed(run(EMPTY)) : { run, constant: false };
}

const count = (min: number, max: number): string =>
  min === max ? `exactly ${min} arguments` : `at least ${min} arguments, and at most ${max}`;

/** An operator over a list of arguments; a single one may stand without its list. */
export const operator =
  (min: number, max: number, apply: Apply): Build =>
  (argument, compile, name) => {
    const list: Value[] = Array.isArray(argument) ? argument : [argument];
    if (list.length < min || list.length > max) {
      const code = min === max ? 16020 : 28667;
      throw new MongoError(code, `Expression ${name} takes ${count(min, max)}. ${list.length} were passed in.`);
    }
    const parts = list.map((element) => compile(element));
    return folded(parts, (scope) =>
      apply(
        parts.map((part) => part.run(scope)),
        name,
      ),
    );
  };

export const unary = (apply: (value: Result, name: string) => Result): Build =>
  operator(1, 1, ([value], name) => apply(value, name));

export const ANY = Number.MAX_SAFE_INTEGER;

interface Fields {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** The codes for an argument that is no document, an unknown field and a missing one. */
  readonly codes: readonly [number, number, number];
}

/** The named arguments of an operator such as `$filter`. */
export function fieldsOf(argument: Value, name: string, { required, optional, codes }: Fields): Doc {
  if (!(argument instanceof Doc)) throw new MongoError(codes[0], `${name} only supports an object as its argument`);
  for (const key of argument.keys())
    if (!required.includes(key) && !optional.includes(key))
      throw new MongoError(codes[1], `Unrecognized parameter to ${name}: ${key}`);
  for (const key of required)
    if (!argument.has(key)) throw new MongoError(codes[2], `Missing '${key}' parameter to ${name}`);
  return argument;
}
