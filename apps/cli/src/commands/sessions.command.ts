import type { SessionService } from '@flowmate/identity';
import { administer, type Administration } from '../administration.js';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import { operator } from '../operator.js';
import { asksForJson, table, when } from '../output.js';

type Inspected = Awaited<ReturnType<SessionService['inspect']>>[number];
/** What there is to say: to a program, and to a person. */
type Answer = readonly [json: object, text: string];

const HEAD = ['ID', 'DEVICE', 'ADDRESS', 'CREATED', 'LAST USED', 'EXPIRES', 'STATE'];

export const sessions: Command = {
  name: 'sessions',
  summary: 'lists, verifies and ends the sessions of somebody',
  usage: [
    'Usage: flowmate sessions list <id or address> [--json]   open ones, the latest first',
    '       flowmate sessions end <id or address> [--json]    all of them',
    '',
    '  STATE    good, or why it is worth nothing although nobody has ended it: outdated (it began before all',
    '           sessions were ended), disabled or deleted (the person is)',
    '  --json   one JSON object instead of text; so it is where no terminal is',
    '',
    'After `end` the person has to sign in again everywhere, within five seconds. API keys stay; `flowmate keys` ends',
    'those. What is done is recorded in the audit trail of the instance.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, JSON_OPTION);
    const [action, who, ...rest] = positionals;
    if ((action !== 'list' && action !== 'end') || who === undefined || rest.length > 0)
      throw new UsageError('Say what to do, and with whose sessions: `list` or `end`, and `<id or address>`.');
    await administer(terminal, async (administration) => {
      const [json, text] = await (action === 'list' ? list(administration, who) : end(administration, who));
      terminal.result(asksForJson(values, terminal) ? JSON.stringify(json) : text);
    });
    return EXIT_OK;
  },
};

async function list(administration: Administration, who: string): Promise<Answer> {
  const found = await administration.sessions().inspect(await administration.person(who));
  return [{ sessions: found.map(shown) }, table(HEAD, found.map(row))];
}

async function end(administration: Administration, who: string): Promise<Answer> {
  const { id, email } = await administration.person(who);
  await administration.sessions().endAll(id, operator());
  return [{ ended: { id, email } }, `All sessions of ${email} have ended.`];
}

function row({ id, device, address, createdAt, lastUsedAt, expiresAt, state }: Inspected): string[] {
  return [id, device, address, when(createdAt), when(lastUsedAt), when(expiresAt), state];
}

/** By name: what is stored with a session stays where it is. */
function shown({ id, device, address, createdAt, lastUsedAt, expiresAt, state }: Inspected): object {
  return { id, device, address, createdAt, lastUsedAt, expiresAt, state };
}
