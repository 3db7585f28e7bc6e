import { MongoError, NotImplementedError } from '../errors.ts';
import { Doc, type Value } from '../value.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { ARRAYS } from './arrays.ts';
import { folded } from './build.ts';
import { LOGIC } from './logic.ts';
import { fixed, type Build, type Compiled, type Evaluate, type Result } from './scope.ts';
import { TYPES } from './types.ts';
import { UNSUPPORTED_EXPRESSIONS } from './unsupported.ts';

const OPERATORS = new Map<string, Build>([ARITHMETIC, ARRAYS, LOGIC, TYPES].flatMap((table) => Object.entries(table)));

/** The value at a field path: arrays are crossed by collecting from their documents, numbers are only names. */
function valueAt(value: Result, parts: readonly string[]): Result {
  let current = value;
  for (let i = 0; i < parts.length; i++) {
    if (Array.isArray(current)) {
      const rest = parts.slice(i);
      return current
        .map((element) => (element instanceof Doc || Array.isArray(element) ? valueAt(element, rest) : undefined))
        .filter((found) => found !== undefined);
    }
    if (!(current instanceof Doc)) return undefined;
    current = current.get(parts[i]!);
  }
  return current;
}

const SYSTEM = new Set(['ROOT', 'CURRENT', 'REMOVE', 'NOW']);
const KNOWN_ELSEWHERE = new Set(['CLUSTER_TIME', 'DESCEND', 'PRUNE', 'KEEP', 'USER_ROLES', 'SEARCH_META']);

function pathParts(path: string): string[] {
  const parts = path.split('.');
  if (path.endsWith('.')) throw new MongoError(40353, "FieldPath must not end with a '.'.");
  if (parts.includes('')) throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
  if (parts.some((part) => part.startsWith('$')))
    throw new MongoError(16410, "FieldPath field names may not start with '$'.");
  return parts;
}

function reference(text: string, names: ReadonlySet<string>): Compiled {
  if (!text.startsWith('$$')) {
    if (text === '$') throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
    const parts = pathParts(text.slice(1));
    return { run: ({ root }) => valueAt(root, parts), constant: false };
  }
  const [name = '', ...rest] = pathParts(text.slice(2));
  if (KNOWN_ELSEWHERE.has(name)) throw new NotImplementedError(`$$${name}`);
  if (!names.has(name) && !SYSTEM.has(name)) throw new MongoError(17276, `Use of undefined variable: ${name}`);
  const run: Evaluate = ({ variables }) => {
    // Without a clock there is no honest answer.
    if (name === 'NOW' && !variables.has(name)) throw new NotImplementedError('$$NOW');
    return valueAt(variables.get(name), rest);
  };
  return { run, constant: false };
}

function objectExpression(doc: Doc, names: ReadonlySet<string>): Compiled {
  const fields = [...doc].map(([name, value]) => {
    if (name.startsWith('$')) throw new MongoError(15983, `an object representing an expression must have one field`);
    if (name.includes('.')) throw new MongoError(16412, `FieldPath field names may not contain '.'.`);
    return [name, compileWith(value, names)] as const;
  });
  return folded(
    fields.map(([, part]) => part),
    (scope) => {
      const result = new Doc();
      for (const [name, part] of fields) {
        const value = part.run(scope);
        if (value !== undefined) result.set(name, value);
      }
      return result;
    },
  );
}

function operatorExpression(doc: Doc, names: ReadonlySet<string>): Compiled {
  const name = doc.firstKey()!;
  if (doc.size !== 1) throw new MongoError(15983, 'An object representing an expression must have exactly one field');
  const argument = doc.get(name)!;
  if (name === '$literal' || name === '$const') return fixed(argument);
  const build = OPERATORS.get(name);
  if (build)
    return build(argument, (value, bound) => compileWith(value, bound ? new Set([...names, ...bound]) : names), name);
  if (UNSUPPORTED_EXPRESSIONS.has(name)) throw new NotImplementedError(name);
  throw new MongoError(168, `Unrecognized expression '${name}'`);
}

function compileWith(expression: Value, names: ReadonlySet<string>): Compiled {
  if (typeof expression === 'string')
    return expression.startsWith('$') ? reference(expression, names) : fixed(expression);
  if (Array.isArray(expression)) {
    const parts = expression.map((element) => compileWith(element, names));
    return folded(parts, (scope) =>
      parts.map((part) => {
        const value = part.run(scope);
        return value === undefined ? null : value;
      }),
    );
  }
  if (!(expression instanceof Doc)) return fixed(expression);
  return expression.firstKey()?.startsWith('$')
    ? operatorExpression(expression, names)
    : objectExpression(expression, names);
}

/** Checks an expression once and returns what computes it per document. */
export const compileExpression = (expression: Value): Evaluate => compileWith(expression, new Set()).run;
