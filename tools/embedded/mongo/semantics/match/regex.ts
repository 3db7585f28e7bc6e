import { MongoError, NotImplementedError } from '../errors.ts';

const invalid = (why: string): MongoError => new MongoError(51091, `Regular expression is invalid: ${why}`);
const refuse = (what: string): NotImplementedError => new NotImplementedError('$regex', what);

/** PCRE's `\s` is ASCII, JavaScript's is not. */
const SPACE = ' \\t-\\r';
const ESCAPES: Record<string, string> = { s: `[${SPACE}]`, S: `[^${SPACE}]` };
const CLASS_ESCAPES: Record<string, string> = { s: SPACE };
const SAME_ESCAPES = new Set(['n', 'r', 't', 'f', 'd', 'D', 'w', 'W', 'b', 'B']);
const GROUPS = /^\(\?(?::|=|!|<=|<!)/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

const literal = (character: string): string =>
  /[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character;

interface Options {
  readonly lines: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
}

/** Rewrites a PCRE pattern so that JavaScript's engine (with the `u` flag) means the same, or refuses it. */
class Translation {
  private readonly pattern: string;
  private readonly options: Options;
  private at = 0;
  private out = '';
  private depth = 0;

  constructor(pattern: string, options: Options) {
    this.pattern = pattern;
    this.options = options;
  }

  run(): string {
    while (this.at < this.pattern.length) this.token();
    if (this.depth > 0) throw invalid('missing closing parenthesis');
    return this.out;
  }

  private take(length: number, replacement?: string): void {
    this.out += replacement ?? this.pattern.slice(this.at, this.at + length);
    this.at += length;
  }

  private token(): void {
    const rest = this.pattern.slice(this.at);
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    const { lines, dotAll, extended } = this.options;
    if (extended && /\s/.test(character)) return this.take(1, '');
    if (extended && character === '#') return this.take(/^#[^\n]*\n?/.exec(rest)![0].length, '');
    if (character === '\\') return this.escape(ESCAPES, false);
    if (character === '[') return this.characterClass();
    if (character === '(' || character === ')') return this.group(character, rest);
    if (character === '.') return this.take(1, dotAll ? '[^]' : '[^\\n]');
    // PCRE's `$` also stands before a last newline, and only `\n` ends a line.
    if (character === '$') return this.take(1, lines ? '(?=\\n|$)' : '(?=\\n?$)');
    if (character === '^') return this.take(1, lines ? '(?:^|(?<=\\n)(?=[^]))' : '^');
    const quantifier = QUANTIFIER.exec(rest)?.[0];
    if (quantifier) return this.quantifier(quantifier, rest);
    if (character === '|') return this.take(1);
    this.take(character.length, literal(character));
  }

  private quantifier(quantifier: string, rest: string): void {
    if (rest[quantifier.length] === '+') throw refuse('possessive quantifiers');
    if (this.out.endsWith('$)') || this.out === '' || this.out.endsWith('^')) throw refuse('a repeated assertion');
    this.take(quantifier.length);
    if (rest[quantifier.length] === '?') this.take(1);
  }

  private group(character: string, rest: string): void {
    this.depth += character === '(' ? 1 : -1;
    if (this.depth < 0) throw invalid('unmatched closing parenthesis');
    if (rest.startsWith('(?') && !GROUPS.test(rest)) throw refuse('this kind of group');
    if (rest.startsWith('(*')) throw refuse('verbs');
    this.take(GROUPS.exec(rest)?.[0].length ?? 1);
  }

  private escape(special: Record<string, string>, inClass: boolean): void {
    const character = this.pattern[this.at + 1];
    if (character === undefined) throw invalid('\\ at end of pattern');
    const known = special[character];
    if (known) return this.take(2, known);
    if (SAME_ESCAPES.has(character) && !(inClass && /[bBDW]/.test(character))) return this.take(2);
    const hex = /^\\x[0-9a-fA-F]{2}/.exec(this.pattern.slice(this.at));
    if (hex) return this.take(4);
    if (/[A-Za-z0-9]/.test(character) || character.charCodeAt(0) > 127) throw refuse(`the escape \\${character}`);
    this.take(2, literal(character));
  }

  private characterClass(): void {
    this.take(1);
    if (this.pattern[this.at] === '^') this.take(1);
    if (this.pattern[this.at] === ']') this.take(1, '\\]');
    for (;;) {
      const character = this.pattern[this.at];
      if (character === undefined) throw invalid('missing terminating ] for character class');
      if (character === ']') return this.take(1);
      if (character === '[' && /[:.=]/.test(this.pattern[this.at + 1] ?? '')) throw refuse('POSIX classes');
      if (character === '\\') this.escape(CLASS_ESCAPES, true);
      else this.take(1, /[[(){}/|&~]/.test(character) ? literal(character) : character);
    }
  }
}

export function compileRegex(pattern: string, options: string): RegExp {
  const unknown = /[^imsxu]/.exec(options);
  if (unknown) throw refuse(`the option ${unknown[0]}`);
  if (pattern.includes('\0')) throw new MongoError(2, 'Regular expression cannot contain an embedded null byte');
  const source = new Translation(pattern, {
    lines: options.includes('m'),
    dotAll: options.includes('s'),
    extended: options.includes('x'),
  }).run();
  try {
    return new RegExp(source, options.includes('i') ? 'iu' : 'u');
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'unknown');
  }
}
