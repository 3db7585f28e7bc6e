import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { encodeValue } from './bson/encode.ts';
import { parseEjson } from './ejson.ts';
import { Doc, Int32, type Value } from './value.ts';

/** Recordings write the operators `$regex` and `$options` with two dollars, because one means a regex value. */
function unescape(value: Value): Value {
  if (Array.isArray(value)) return value.map(unescape);
  if (!(value instanceof Doc)) return value;
  return new Doc([...value].map(([name, v]) => [name.replace(/^\$\$(regex|options)$/, '$$$1'), unescape(v)] as const));
}

/** The recordings of one group, one document per line. */
export function recordings(folder: string, group: string): Doc[] {
  const text = gunzipSync(readFileSync(`${folder}/${group}.jsonl.gz`)).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => unescape(parseEjson(line)) as Doc);
}

/** The recorder read answers into JS objects, which put integer-like names first: that order is not in the recording. */
const jsOrder = (fields: Array<[string, Value]>): Array<[string, Value]> => {
  const numeric = fields.filter(([name]) => /^(0|[1-9]\d{0,8})$/.test(name)).sort(([a], [b]) => Number(a) - Number(b));
  return numeric.length > 0 ? [...numeric, ...fields.filter((field) => !numeric.includes(field))] : fields;
};

/** It also wrote whole doubles and small longs as ints where it read plain JS numbers back: compare them so. */
export function flattened(value: Value): Value {
  if (Array.isArray(value)) return value.map(flattened);
  if (value instanceof Doc) return new Doc(jsOrder([...value]).map(([name, v]) => [name, flattened(v)] as const));
  const plain =
    typeof value === 'bigint' && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value;
  if (typeof plain !== 'number' || !Number.isInteger(plain) || Object.is(plain, -0)) return plain;
  if (Math.abs(plain) < 2 ** 31 || plain === -(2 ** 31)) return new Int32(plain);
  return Math.abs(plain) < 2 ** 63 ? BigInt(plain) : plain;
}

export const same = (left: Value, right: Value): boolean => encodeValue(left).equals(encodeValue(right));

export interface Tally {
  same: number;
  refused: number;
  different: number;
  readonly operators: Map<string, number>;
  readonly differences: string[];
}

export const tally = (): Tally => ({ same: 0, refused: 0, different: 0, operators: new Map(), differences: [] });

export const codeOf = (value: Value | undefined): number | undefined => {
  const code = value instanceof Doc ? value.get('code') : undefined;
  return code instanceof Int32 ? code.value : undefined;
};

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) =>
    v instanceof Doc ? Object.fromEntries(v) : typeof v === 'bigint' ? `${v}L` : v instanceof Int32 ? v.value : v,
  );

interface Question {
  readonly asked: Doc;
  readonly answer: Value | undefined;
  readonly error: Value | undefined;
  readonly equal?: (mine: Value, recorded: Value) => boolean;
}

/** What came back: a value, or an error as MongoDB words it. */
export type Got = { readonly value: Value } | { readonly code: number; readonly message: string };

/** Refusals name what is refused first (see `NotImplementedError`). */
const operatorIn = (message: string): string => message.replace(/ is not supported by the embedded MongoDB.*$/s, '');

export function refuse(counts: Tally, operator: string): void {
  counts.refused += 1;
  counts.operators.set(operator, (counts.operators.get(operator) ?? 0) + 1);
}

/** Counts one answer: the recorded one, a loud refusal, or (a bug) anything else. */
export function judge(counts: Tally, { asked, answer, error, equal = same }: Question, got: Got): void {
  const expected = codeOf(error);
  const right =
    'code' in got ? got.code === expected : expected === undefined && answer !== undefined && equal(got.value, answer);
  if (right) counts.same += 1;
  else if ('code' in got && got.code === 238) refuse(counts, operatorIn(got.message));
  else {
    counts.different += 1;
    const mine = 'code' in got ? `${got.code} ${got.message}` : show(got.value);
    counts.differences.push(`${show(asked)}\n   recorded ${show(error ?? answer)}\n   got ${mine}`);
  }
}
