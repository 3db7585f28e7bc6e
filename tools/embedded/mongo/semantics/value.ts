/**
 * Documents in memory. Plain JS objects reorder integer-like keys and lose types, so a document is an
 * ordered `Doc` and every BSON type has one representation: double is `number`, int64 is `bigint`,
 * everything JS has no exact twin for is a small class. A missing field is `undefined`.
 */
export class Int32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** The sixteen bytes as two halves: what is stored comes back bit for bit, numbers are read when needed. */
export class Decimal128 {
  readonly high: bigint;
  readonly low: bigint;
  constructor(high: bigint, low: bigint) {
    this.high = high;
    this.low = low;
  }
}

export class ObjectId {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  toHex(): string {
    return Buffer.from(this.bytes).toString('hex');
  }
}

/** Milliseconds as int64: BSON dates reach further than JS dates. */
export class BsonDate {
  readonly ms: bigint;
  constructor(ms: bigint) {
    this.ms = ms;
  }
}

export class Timestamp {
  readonly seconds: number;
  readonly increment: number;
  constructor(seconds: number, increment: number) {
    this.seconds = seconds;
    this.increment = increment;
  }
}

export class Binary {
  readonly subtype: number;
  readonly bytes: Uint8Array;
  constructor(subtype: number, bytes: Uint8Array) {
    this.subtype = subtype;
    this.bytes = bytes;
  }
}

export class Regex {
  readonly pattern: string;
  readonly options: string;
  constructor(pattern: string, options: string) {
    this.pattern = pattern;
    this.options = options;
  }
}

export class Code {
  readonly code: string;
  readonly scope: Doc | undefined;
  constructor(code: string, scope?: Doc) {
    this.code = code;
    this.scope = scope;
  }
}

export class BsonSymbol {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

/** Deprecated type 12. */
export class DbPointer {
  readonly namespace: string;
  readonly id: ObjectId;
  constructor(namespace: string, id: ObjectId) {
    this.namespace = namespace;
    this.id = id;
  }
}

export class MinKey {
  readonly isMinKey = true;
}
export class MaxKey {
  readonly isMaxKey = true;
}
/** Deprecated type 6, not the absence of a field. */
export class BsonUndefined {
  readonly isUndefined = true;
}

export const MIN_KEY = new MinKey();
export const MAX_KEY = new MaxKey();
export const UNDEFINED = new BsonUndefined();

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Int32
  | Decimal128
  | ObjectId
  | BsonDate
  | Timestamp
  | Binary
  | Regex
  | Code
  | BsonSymbol
  | DbPointer
  | MinKey
  | MaxKey
  | BsonUndefined
  | Doc
  | Value[];

export type Missing = undefined;

/** An array that nobody has looked into: its bytes, and how they become values. */
export class UnreadArray {
  readonly bytes: Buffer;
  readonly read: (bytes: Buffer) => Value[];
  constructor(bytes: Buffer, read: (bytes: Buffer) => Value[]) {
    this.bytes = bytes;
    this.read = read;
  }
}

type Field = Value | UnreadArray;
type Load = (bytes: Buffer) => Map<string, Field>;

/**
 * An ordered document. One that was decoded keeps its bytes, and so do the arrays and documents in it: they are read
 * at the first access and written back unread when nobody looked, so appending to a large journal costs what
 * changed. Values are never changed in place once handed out; whoever writes makes a `clone()` first.
 */
export class Doc {
  private fields: Map<string, Field> | undefined;
  private raw: Buffer | undefined;
  private readonly load: Load | undefined;

  constructor(fields: Map<string, Field> | Iterable<readonly [string, Value]> = [], raw?: Buffer, load?: Load) {
    this.fields = load ? undefined : fields instanceof Map ? fields : new Map(fields);
    this.raw = raw;
    this.load = load;
  }

  static lazy(raw: Buffer, load: Load): Doc {
    return new Doc(undefined, raw, load);
  }

  static of(fields: Record<string, Value>): Doc {
    return new Doc(Object.entries(fields));
  }

  private get map(): Map<string, Field> {
    if (this.fields) return this.fields;
    // `fields` is only absent when constructed by `lazy`, which gives both.
    this.fields = this.load!(this.raw!);
    return this.fields;
  }

  private get read(): Map<string, Value> {
    for (const [name, field] of this.map) if (field instanceof UnreadArray) this.get(name);
    return this.map as Map<string, Value>; // no array is unread any more
  }

  /** The bytes this document was decoded from, while they still say the same. */
  get bytes(): Buffer | undefined {
    return this.raw;
  }
  get size(): number {
    return this.map.size;
  }
  get(name: string): Value | Missing {
    const field = this.map.get(name);
    if (!(field instanceof UnreadArray)) return field;
    const values = field.read(field.bytes);
    this.map.set(name, values);
    return values;
  }
  /** The array at this name, if it is one and nobody has looked into it. */
  unread(name: string): UnreadArray | undefined {
    const field = this.map.get(name);
    return field instanceof UnreadArray ? field : undefined;
  }
  /** For whoever writes bytes and can write those of arrays as they are. */
  asStored(): IterableIterator<[string, Field]> {
    return this.map.entries();
  }
  has(name: string): boolean {
    return this.map.has(name);
  }
  keys(): IterableIterator<string> {
    return this.map.keys();
  }
  values(): IterableIterator<Value> {
    return this.read.values();
  }
  entries(): IterableIterator<[string, Value]> {
    return this.read.entries();
  }
  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.read.entries();
  }
  firstKey(): string | undefined {
    return this.map.keys().next().value;
  }
  clone(): Doc {
    return new Doc(new Map(this.map));
  }
  /** The same, together with its bytes, so that they are not made again. */
  withBytes(bytes: Buffer): Doc {
    return new Doc(new Map(this.map), bytes);
  }
  set(name: string, value: Field): this {
    this.map.set(name, value);
    this.raw = undefined;
    return this;
  }
  delete(name: string): boolean {
    this.raw = undefined;
    return this.map.delete(name);
  }
}

/** The type's number, short name (`$type` aliases) and place in the order of types. */
const TYPES = {
  double: [1, 10],
  string: [2, 15],
  object: [3, 20],
  array: [4, 25],
  binData: [5, 30],
  undefined: [6, 0],
  objectId: [7, 35],
  bool: [8, 40],
  date: [9, 45],
  null: [10, 5],
  regex: [11, 50],
  dbPointer: [12, 55],
  javascript: [13, 60],
  symbol: [14, 15],
  javascriptWithScope: [15, 65],
  int: [16, 10],
  timestamp: [17, 47],
  long: [18, 10],
  decimal: [19, 10],
  minKey: [-1, -1],
  maxKey: [127, 127],
} as const satisfies Record<string, readonly [number, number]>;

export type TypeName = keyof typeof TYPES;
export const TYPE_NAMES = Object.keys(TYPES) as TypeName[];

export function typeName(value: Value): TypeName {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'bigint') return 'long';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Int32) return 'int';
  if (value instanceof Doc) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof BsonDate) return 'date';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Regex) return 'regex';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Code) return value.scope ? 'javascriptWithScope' : 'javascript';
  if (value instanceof BsonSymbol) return 'symbol';
  if (value instanceof DbPointer) return 'dbPointer';
  if (value instanceof MinKey) return 'minKey';
  return value instanceof MaxKey ? 'maxKey' : 'undefined';
}

export const typeCode = (value: Value): number => TYPES[typeName(value)][0];
export const codeOfName = (name: TypeName): number => TYPES[name][0];
/** Values compare across types by this rank; numbers share one, and so do strings and symbols. */
export const typeRank = (value: Value): number => TYPES[typeName(value)][1];
