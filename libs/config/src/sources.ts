import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parse } from 'yaml';
import type { ConfigProblem } from './config.error.js';
import type { Setting } from './setting.js';
import { isSystemError } from './system-error.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Far above any real configuration; keeps a wrong path (a log, a device) from filling the memory. */
const MAX_FILE_BYTES = 256 * 1024;

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',');
  return undefined;
}

/** A device has no end and a pipe may never begin, so only an ordinary file is read, and never more than fits. */
function readBounded(path: string): string | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** Reads the YAML file that `FLOWMATE_CONFIG` names: a flat map of the same names as the environment's. */
export function readConfigFile(
  path: string | undefined,
  known: ReadonlySet<string>,
  problems: ConfigProblem[],
): Variables {
  if (path === undefined || path === '') return {};
  const refuse = (rule: string): Variables => {
    problems.push({ name: 'FLOWMATE_CONFIG', rule });
    return {};
  };
  let content: unknown;
  try {
    const text = readBounded(path);
    if (text === undefined) return refuse('must name an ordinary file of at most 256 KB');
    content = parse(text, { maxAliasCount: 0, logLevel: 'error', schema: 'failsafe' }) ?? {};
  } catch (error) {
    return refuse(
      isSystemError(error, 'ENOENT') ? 'names a file that does not exist' : 'names a file that cannot be read as YAML',
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return refuse('must hold a map of setting names to values');
  }
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(content)) {
    const printable = /^[A-Z][A-Z0-9_]{0,63}$/.test(name) ? name : '(unprintable name)';
    const textual = asText(value);
    if (!known.has(name)) problems.push({ name: printable, rule: 'is in the configuration file but is no setting' });
    else if (textual === undefined)
      problems.push({ name: printable, rule: 'must be a single value or a list of values' });
    else variables[name] = textual;
  }
  return variables;
}

/** All names of a setting, the canonical one first. */
export function namesOf({ variable, aliases = [], aliasInSeconds }: Setting): string[] {
  return [variable, ...aliases, ...(aliasInSeconds === undefined ? [] : [aliasInSeconds])];
}

function agree({ kind }: Setting, [first = '', ...others]: readonly string[]): boolean {
  return others.every(
    (text) => text === first || (kind.parse(text) !== undefined && kind.parse(text) === kind.parse(first)),
  );
}

/** The text of a setting: environment over file, canonical name and aliases of one source must agree. */
export function rawText(
  setting: Setting,
  sources: readonly Variables[],
  problems: ConfigProblem[],
): string | undefined {
  for (const source of sources) {
    const given = namesOf(setting).filter((name) => source[name] !== undefined && source[name] !== '');
    const texts = given.map((name) => {
      const text = (source[name] ?? '').trim();
      return name === setting.aliasInSeconds && /^\d+$/.test(text) ? `${text}s` : text;
    });
    if (texts.length === 0) continue;
    if (!agree(setting, texts)) {
      problems.push({
        name: setting.variable,
        rule: `is also set by another name and they disagree: ${given.join(', ')}`,
      });
    }
    return texts[0];
  }
  return undefined;
}
