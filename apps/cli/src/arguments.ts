import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './command.js';

/** `--json`, which every command that answers something takes; `--no-json` asks for text where nobody looks. */
export const JSON_OPTION = { json: { type: 'boolean' } } as const;

/** What a command was called with, or the reason why it cannot be meant. */
export function readArguments<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, allowNegative: true });
  } catch {
    throw new UsageError('There is no such option, or it lacks its value.');
  }
}

/** A moment as people and programs write it; a day is its beginning in UTC. */
export function moment(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new UsageError(`--${name} takes a day or a moment such as 2026-01-31 or 2026-01-31T10:00:00Z.`);
  return date;
}
