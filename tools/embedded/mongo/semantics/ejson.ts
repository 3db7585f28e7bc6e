import { parseDecimal } from './decimal.ts';
import {
  Binary,
  BsonDate,
  Decimal128,
  Doc,
  Int32,
  MAX_KEY,
  MIN_KEY,
  ObjectId,
  Regex,
  Timestamp,
  UNDEFINED,
  type Value,
} from './value.ts';

/** Canonical Extended JSON, read with the order of keys kept (`JSON.parse` moves integer-like ones to the front). */
class Parser {
  private readonly text: string;
  private at = 0;
  constructor(text: string) {
    this.text = text;
  }

  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  private eat(token: string): boolean {
    this.skip();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private string(): string {
    const start = this.at;
    this.at += 1;
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
    this.at += 1;
    return JSON.parse(this.text.slice(start, this.at)) as string;
  }

  value(): Value {
    this.skip();
    if (this.eat('{')) return this.document();
    if (this.eat('[')) return this.array();
    if (this.text[this.at] === '"') return this.string();
    if (this.eat('true')) return true;
    if (this.eat('false')) return false;
    if (this.eat('null')) return null;
    const start = this.at;
    while (/[-+.\deE]/.test(this.text[this.at] ?? '')) this.at += 1;
    const number = Number(this.text.slice(start, this.at));
    if (start === this.at || Number.isNaN(number)) throw new Error(`no Extended JSON at ${start}`);
    return Number.isInteger(number) ? new Int32(number) : number;
  }

  private array(): Value[] {
    const values: Value[] = [];
    if (this.eat(']')) return values;
    do values.push(this.value());
    while (this.eat(','));
    this.eat(']');
    return values;
  }

  private document(): Value {
    const doc = new Doc();
    if (this.eat('}')) return doc;
    do {
      this.skip();
      const name = this.string();
      this.eat(':');
      doc.set(name, this.value());
    } while (this.eat(','));
    this.eat('}');
    return typed(doc);
  }
}

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const part = (value: Value | undefined, name: string): Value | undefined =>
  value instanceof Doc ? value.get(name) : undefined;
const int = (value: Value | undefined): number => (value instanceof Int32 ? value.value : Number(value));

const DOUBLES: Record<string, number> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

const READ: Record<string, (value: Value | undefined) => Value> = {
  $numberInt: (value) => new Int32(Number(value)),
  $numberLong: (value) => BigInt(text(value)),
  $numberDouble: (value) => DOUBLES[text(value)] ?? Number(value),
  $numberDecimal: (value) => parseDecimal(text(value)) ?? new Decimal128(0n, 0n),
  $oid: (value) => new ObjectId(Buffer.from(text(value), 'hex')),
  $date: (value) => new BsonDate(value as bigint),
  $binary: (value) =>
    new Binary(Number.parseInt(text(part(value, 'subType')), 16), Buffer.from(text(part(value, 'base64')), 'base64')),
  $regularExpression: (value) => new Regex(text(part(value, 'pattern')), text(part(value, 'options'))),
  $timestamp: (value) => new Timestamp(int(part(value, 't')), int(part(value, 'i'))),
  $minKey: () => MIN_KEY,
  $maxKey: () => MAX_KEY,
  $undefined: () => UNDEFINED,
};

function typed(doc: Doc): Value {
  const name = doc.firstKey();
  const read = doc.size === 1 && name !== undefined && Object.hasOwn(READ, name) ? READ[name] : undefined;
  return read ? read(doc.get(name!)) : doc;
}

export const parseEjson = (text: string): Value => new Parser(text).value();
