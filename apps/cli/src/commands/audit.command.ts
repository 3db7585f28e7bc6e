import { AuditVerifier, type AuditProblem, type AuditVerdict } from '@flowmate/audit';
import { EncryptionEnv } from '@flowmate/config';
import { AuditRepository, type AuditEntryDocument } from '@flowmate/database';
import { ID_PATTERN, INSTANCE_TRAIL } from '@flowmate/domain';
import { auditChain } from '../administration.js';
import { JSON_OPTION, moment, readArguments } from '../arguments.js';
import { EXIT_FAILED, EXIT_OK, UsageError, type Command } from '../command.js';
import { isInstanceTrailLost } from '../lost-trail.js';
import { asksForJson, table } from '../output.js';
import type { Terminal } from '../terminal.js';
import { withDatabase, type DatabaseWork } from '../with-database.js';

interface Request {
  readonly action: 'verify' | 'export';
  readonly asJson: boolean;
  /** Absent for all of them. */
  readonly trail?: string;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Half a megabyte in memory at most. */
const PAGE = 500;
const NO_TRAIL = 'There is no such trail.';

const SENTENCES: Readonly<Record<AuditProblem['problem'], string>> = {
  changed: 'is not as it was recorded',
  removed: 'is gone',
  inserted: 'was never recorded',
  unlinked: 'does not follow the entry before it',
  head_missing: 'the head of the trail is gone',
  head_changed: 'the head of the trail is not as it was recorded',
  other_key: 'was recorded with another INTEGRATION_ENC_KEY',
};

export const audit: Command = {
  name: 'audit',
  summary: 'verifies and exports the audit trails',
  usage: [
    'Usage: flowmate audit verify [--trail <trail> | --all] [--json]',
    '         whether a trail is as it was recorded; names what was changed, removed, inserted or cut off',
    '       flowmate audit export [--trail <trail>] [--from <moment>] [--to <moment>]',
    '         its entries, oldest first, one JSON object a line; from is in, to is out',
    '',
    '  --trail  the id of a workspace, or `instance`, which is meant when none is named',
    '  --all    every trail there is',
    '  --json   one JSON object instead of text; so it is where no terminal is',
    '',
    'Exit code 0 when it is done and everything holds, 1 when something does not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const request = requestOf(args, terminal);
    const work = request.action === 'verify' ? verify : exportTrail;
    return withDatabase(terminal, (parts) => work(parts, request, terminal), [EncryptionEnv]);
  },
};

function requestOf(args: readonly string[], terminal: Terminal): Request {
  const text = { type: 'string' } as const;
  const options = { ...JSON_OPTION, trail: text, all: { type: 'boolean' }, from: text, to: text } as const;
  const { values, positionals } = readArguments(args, options);
  const { trail = INSTANCE_TRAIL, all = false } = values;
  const [action, ...rest] = positionals;
  if ((action !== 'verify' && action !== 'export') || rest.length > 0)
    throw new UsageError('Say what to do: `verify` or `export`.');
  if (trail !== INSTANCE_TRAIL && !ID_PATTERN.test(trail))
    throw new UsageError('--trail takes the id of a workspace, or `instance`.');
  if (all && (values.trail !== undefined || action === 'export'))
    throw new UsageError('--all goes with `verify`, and without --trail.');
  const period = { from: moment('from', values.from), to: moment('to', values.to) };
  if (action === 'verify' && (period.from ?? period.to)) throw new UsageError('A trail is verified as a whole.');
  return { action, asJson: asksForJson(values, terminal), ...(!all && { trail }), ...period };
}

async function verify({ database, env, signal }: DatabaseWork, { trail, asJson }: Request, terminal: Terminal) {
  const repository = new AuditRepository(database);
  const verifier = new AuditVerifier(repository, auditChain(env));
  const verdicts: AuditVerdict[] = [];
  for await (const name of trail === undefined ? allTrails(repository) : [trail])
    verdicts.push(await verifier.verify(name, signal));
  if (await isInstanceTrailLost(database)) tellLost(verdicts);
  if (trail !== undefined && trail !== INSTANCE_TRAIL && verdicts[0]?.entries === 0 && verdicts[0].ok)
    throw new Error(NO_TRAIL);
  const ok = verdicts.every((verdict) => verdict.ok);
  terminal.result(asJson ? JSON.stringify({ ok, trails: verdicts }) : report(verdicts));
  return ok ? EXIT_OK : EXIT_FAILED;
}

/** An empty trail holds; that it should not be empty stands elsewhere in the store. */
function tellLost(verdicts: AuditVerdict[]): void {
  const at = verdicts.findIndex(({ trail, ok }) => trail === INSTANCE_TRAIL && ok);
  const lost: AuditProblem = { seq: 0, problem: 'head_missing' };
  if (verdicts[at]) verdicts[at] = { ...verdicts[at], ok: false, problems: [lost], problemCount: 1 };
}

/** Also those whose head is gone: whoever took it would have them forgotten. */
async function* allTrails(repository: AuditRepository): AsyncGenerator<string> {
  let hasInstance = false;
  // oxlint-disable-next-line no-await-in-loop -- each name is behind the one before it
  for (let name = await repository.trailAfter(''); name !== undefined; name = await repository.trailAfter(name)) {
    hasInstance ||= name === INSTANCE_TRAIL;
    yield name;
  }
  if (!hasInstance) yield INSTANCE_TRAIL;
}

function report(verdicts: readonly AuditVerdict[]): string {
  const rows = verdicts.map(({ trail, entries, problemCount }) => [
    trail,
    String(entries),
    problemCount === 0 ? 'holds' : `${problemCount} problem${problemCount === 1 ? '' : 's'}`,
  ]);
  return [table(['TRAIL', 'ENTRIES', 'VERDICT'], rows), ...verdicts.flatMap(problemsOf)].join('\n');
}

function problemsOf({ trail, problems, problemCount }: AuditVerdict): string[] {
  const lines = problems.map(({ seq, id, problem }) =>
    problem.startsWith('head')
      ? `${trail}: ${SENTENCES[problem]}`
      : `${trail}: entry ${id ?? seq} ${SENTENCES[problem]}`,
  );
  const more = problemCount - problems.length;
  return more > 0 ? [...lines, `${trail}: and ${more} more`] : lines;
}

async function exportTrail({ database, signal }: DatabaseWork, request: Request, terminal: Terminal): Promise<number> {
  const { trail = INSTANCE_TRAIL, from, to } = request;
  const repository = new AuditRepository(database);
  const isKnown = trail === INSTANCE_TRAIL || (await repository.last(trail)) || (await repository.head(trail));
  if (!isKnown) throw new Error(NO_TRAIL);
  const first = from && (await repository.firstSince(trail, from));
  if (from && !first) return EXIT_OK;
  // Every place is a number from 1.
  let after = first ? first.seq - 1 : 0;
  for (;;) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- page after page is what keeps memory constant
    const page = await repository.after(trail, after, PAGE);
    for (const entry of page) if (isWithin(entry, { from, to })) terminal.result(JSON.stringify(exported(entry)));
    const last = page.at(-1);
    if (page.length < PAGE || !last) return EXIT_OK;
    after = last.seq;
  }
}

/** Clocks of several processes wrote the times, so they do not quite follow the places. */
function isWithin({ at }: AuditEntryDocument, { from, to }: Pick<Request, 'from' | 'to'>): boolean {
  return (from === undefined || at >= from) && (to === undefined || at < to);
}

/** Everything that the hash covers, so that an export proves as much as the store does. */
function exported({ _id, ...entry }: AuditEntryDocument): Omit<AuditEntryDocument, '_id'> {
  return entry;
}
