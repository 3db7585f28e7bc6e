import { badValue, MongoError, NotImplementedError, typeMismatch } from '../semantics/errors.ts';
import { isNumeric, truncated } from '../semantics/number.ts';
import { Doc, typeName, type Value } from '../semantics/value.ts';
import type { Call } from './call.ts';

/** `unset`: known, not done here, so only its harmless value is taken (false, 0, empty). `refused`: no value is. */
export type Rule = 'string' | 'flag' | 'whole' | 'object' | 'list' | 'any' | 'unset' | 'refused';

const isFlag = (value: Value): boolean => typeof value === 'boolean' || isNumeric(value);

const CHECKS: Record<Exclude<Rule, 'unset' | 'refused'>, { readonly ok: (value: Value) => boolean; types: string }> = {
  string: { ok: (value) => typeof value === 'string', types: 'string' },
  flag: { ok: isFlag, types: '[bool, long, int, decimal, double]' },
  whole: { ok: isNumeric, types: '[long, int, decimal, double]' },
  object: { ok: (value) => value instanceof Doc, types: 'object' },
  list: { ok: (value) => Array.isArray(value), types: 'array' },
  any: { ok: () => true, types: '' },
};

const isHarmless = (value: Value): boolean =>
  value === null ||
  value === false ||
  (isNumeric(value) && truncated(value) === 0n) ||
  (value instanceof Doc && (value.size === 0 || (value.size === 1 && value.get('locale') === 'simple')));

/** A field of a command (or of a part of it, like one update) against its rule. */
export function checkField(
  place: string,
  name: string,
  { rule, value }: { rule: Rule | undefined; value: Value },
): void {
  if (rule === undefined) throw new MongoError(40415, `BSON field '${place}.${name}' is an unknown field.`);
  if (rule === 'refused' || (rule === 'unset' && !isHarmless(value)))
    throw new NotImplementedError(`${place} with ${name}`);
  if (rule === 'unset') return;
  const check = CHECKS[rule];
  if (!check.ok(value))
    throw typeMismatch(
      `BSON field '${place}.${name}' is the wrong type '${typeName(value)}', expected type '${check.types}'`,
    );
}

export const checkPart = (place: string, part: Doc, rules: Readonly<Record<string, Rule>>): void => {
  for (const [name, value] of part) checkField(place, name, { rule: own(rules, name), value });
};

export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const missing = (place: string, name: string): MongoError =>
  new MongoError(40414, `BSON field '${place}.${name}' is missing but a required field`);

const EMPTY = new Doc();

/** The readers trust that the rule was checked. */
export const textAt = (doc: Doc, name: string): string | undefined => {
  const value = doc.get(name);
  return typeof value === 'string' ? value : undefined;
};

export function flagAt(doc: Doc, name: string, otherwise = false): boolean {
  const value = doc.get(name);
  if (typeof value === 'boolean') return value;
  return isNumeric(value) ? truncated(value) !== 0n : otherwise;
}

export function wholeAt(doc: Doc, name: string): number | undefined {
  const value = doc.get(name);
  if (!isNumeric(value)) return undefined;
  const whole = truncated(value);
  if (whole === undefined) throw badValue(`Expected an integer in ${name}`);
  return Number(whole);
}

/** Not negative, as limits and sizes are. */
export function countAt(doc: Doc, name: string): number | undefined {
  const value = wholeAt(doc, name);
  if (value !== undefined && value < 0)
    throw new MongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${value}'`);
  return value;
}

export const objectAt = (doc: Doc, name: string): Doc => {
  const value = doc.get(name);
  return value instanceof Doc ? value : EMPTY;
};

export const listAt = (doc: Doc, name: string): readonly Value[] | undefined => {
  const value = doc.get(name);
  return Array.isArray(value) ? value : undefined;
};

/** A list of documents, from the body or from a document sequence. */
export function documentsOf(call: Call, name: string): readonly Doc[] {
  const sequence = call.sequences.get(name);
  if (sequence) return sequence;
  const list = listAt(call.command, name);
  if (!list) throw missing(call.name, name);
  for (const [index, value] of list.entries())
    if (!(value instanceof Doc))
      throw typeMismatch(
        `BSON field '${call.name}.${name}.${index}' is the wrong type '${typeName(value)}', expected type 'object'`,
      );
  // Every element was checked above.
  return list as Doc[];
}
