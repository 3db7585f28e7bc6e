import { parseArgs } from 'node:util';
import { Migrator, type Database, type MigrationState, type MigrationStatus } from '@flowmate/database';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import type { Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

interface Request {
  readonly action: 'up' | 'status';
  readonly asJson: boolean;
}

const SENTENCES: Readonly<Record<MigrationState, string>> = {
  current: 'The database is up to date.',
  pending: 'The database needs a migration: run `flowmate migrate up`.',
  newer: 'The database is newer than this version of FlowMate.',
};

export const migrate: Command = {
  name: 'migrate',
  summary: 'brings the database to where this version needs it',
  usage: [
    'Usage: flowmate migrate up [--json]       run what has not run yet',
    '       flowmate migrate status [--json]   list what has run and what has not',
    '',
    '  --json   one JSON object instead of text',
    '',
    'One process migrates at a time; a second one waits for a minute. What was interrupted is run again.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { action, asJson } = requestOf(args);
    await withDatabase(terminal, ({ database, signal }) =>
      action === 'up' ? up(database, { asJson, terminal, signal }) : status(database, asJson, terminal),
    );
    return EXIT_OK;
  },
};

function requestOf(args: readonly string[]): Request {
  const { values, positionals } = parsed(args);
  const [action, ...rest] = positionals;
  if ((action !== 'up' && action !== 'status') || rest.length > 0)
    throw new UsageError('Say what to do: `up` or `status`.');
  return { action, asJson: values.json === true };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true });
  } catch {
    throw new UsageError('There is no such option.');
  }
}

interface UpOptions {
  readonly asJson: boolean;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function up(database: Database, { asJson, terminal, signal }: UpOptions): Promise<void> {
  const applied: Array<{ id: string; name: string; ms: number }> = [];
  const migrator = new Migrator(database, {
    onWaiting: (holder) => terminal.note(`The database is being migrated by ${holder}; waiting for it to finish.`),
    onApplied: (one) => {
      applied.push(one);
      if (!asJson) terminal.result(`${one.id}  ${one.name}  applied in ${one.ms} ms`);
    },
  });
  await migrator.up(signal);
  terminal.result(asJson ? JSON.stringify({ state: await migrator.state(), applied }) : SENTENCES.current);
}

async function status(database: Database, asJson: boolean, terminal: Terminal): Promise<void> {
  const migrator = new Migrator(database);
  const [state, migrations] = await Promise.all([migrator.state(), migrator.status()]);
  if (asJson) terminal.result(JSON.stringify({ state, migrations }));
  else terminal.result([...migrations.map(row), SENTENCES[state]].join('\n'));
}

function row({ id, name, state, at, ms, appliedBy }: MigrationStatus): string {
  const details = state === 'applied' ? `${at?.toISOString() ?? ''}  ${ms ?? 0} ms  by ${appliedBy ?? ''}` : '';
  return `${id}  ${name}  ${state}  ${details}`.trimEnd();
}
