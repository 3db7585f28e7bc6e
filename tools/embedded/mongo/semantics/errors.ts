/** The names of the numbered errors MongoDB names; every other number is called `Location<number>`. */
const NAMES: Record<number, string> = {
  2: 'BadValue',
  9: 'FailedToParse',
  14: 'TypeMismatch',
  22: 'InvalidBSON',
  15: 'Overflow',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  66: 'ImmutableField',
  72: 'InvalidOptions',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
};

/** An error as MongoDB would answer it: drivers act on `code`, people read `message`. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'MongoError';
    this.code = code;
    this.codeName = NAMES[code] ?? `Location${code}`;
  }
}

/** What the subset leaves out is refused by name; `operator` lets a test count the refusals. */
export class NotImplementedError extends MongoError {
  readonly operator: string;

  constructor(operator: string, detail = '') {
    super(238, `${operator} is not supported by the embedded MongoDB${detail && `: ${detail}`}`);
    this.operator = operator;
  }
}

export const badValue = (message: string): MongoError => new MongoError(2, message);
export const failedToParse = (message: string): MongoError => new MongoError(9, message);
export const typeMismatch = (message: string): MongoError => new MongoError(14, message);
