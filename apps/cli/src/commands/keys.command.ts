import type { ApiKey } from '@flowmate/database';
import { ID_PATTERN } from '@flowmate/domain';
import { administer, type Administration } from '../administration.js';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import { operator } from '../operator.js';
import { asksForJson, table, when } from '../output.js';

type Work = (administration: Administration) => Promise<readonly ApiKey[]>;

/** One question to the store. */
const PAGE = 100;
/** As many as a person can be in. */
const MAX_WORKSPACES = 100;

export const keys: Command = {
  name: 'keys',
  summary: 'lists and revokes API keys',
  usage: [
    'Usage: flowmate keys list <workspace id or address> [--json]   of a workspace, or of a person in all workspaces',
    '       flowmate keys revoke <key id> [--json]                  felt within five seconds',
    '',
    '  --json   one JSON object instead of text; so it is where no terminal is',
    '',
    'A key itself is shown nowhere; the hint is its last four characters. What is done is recorded in the audit trail.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, JSON_OPTION);
    const work = workOf(positionals);
    await administer(terminal, async (administration) => {
      const found = await work(administration);
      const asJson = asksForJson(values, terminal);
      const head = ['ID', 'NAME', 'HINT', 'ROLE', 'WORKSPACE', 'OWNER', 'STATE', 'LAST USED'];
      terminal.result(asJson ? JSON.stringify({ keys: found.map(shown) }) : table(head, found.map(row)));
    });
    return EXIT_OK;
  },
};

function workOf([action, which, ...rest]: readonly string[]): Work {
  if (which === undefined || rest.length > 0 || (action !== 'list' && action !== 'revoke'))
    throw new UsageError('Say what to do: `list <workspace id or address>` or `revoke <key id>`.');
  if (action === 'revoke') return revoke(which);
  return ID_PATTERN.test(which) ? (administration) => ofWorkspace(administration, which) : ofPerson(which);
}

async function ofWorkspace({ keys }: Administration, workspaceId: string): Promise<ApiKey[]> {
  const found: ApiKey[] = [];
  for (;;) {
    const before = found.at(-1)?.id;
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before it ended
    const page = await keys.list({ workspaceId }, { limit: PAGE, ...(before !== undefined && { before }) });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

function ofPerson(who: string): Work {
  return async (administration) => {
    const { id } = await administration.person(who);
    const memberships = await administration.memberships.ofUser(id, MAX_WORKSPACES);
    const all = await Promise.all(memberships.map(({ workspaceId }) => ofWorkspace(administration, workspaceId)));
    return all.flat().filter(({ ownerId }) => ownerId === id);
  };
}

function revoke(id: string): Work {
  return async (administration) => {
    const key = ID_PATTERN.test(id) ? await administration.keys.findUnscoped(id) : null;
    if (!key) throw new Error('There is no such key.');
    if (key.revokedAt) throw new Error('The key is revoked already.');
    await administration.apiKeys().revoke(key, id, operator());
    const revoked = await administration.keys.find(key, id);
    return revoked ? [revoked] : [];
  };
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt <= new Date() ? 'expired' : 'good';
}

function row(key: ApiKey): string[] {
  const { id, name, hint, role, workspaceId, ownerId, lastUsedAt } = key;
  return [id, name, `…${hint}`, role, workspaceId, ownerId, stateOf(key), when(lastUsedAt)];
}

function shown(key: ApiKey): object {
  const { id, name, hint, role, scopes, workspaceId, ownerId, createdAt, expiresAt, lastUsedAt, revokedAt } = key;
  const times = { createdAt, expiresAt, lastUsedAt, revokedAt };
  return { id, name, hint, role, scopes, workspaceId, ownerId, state: stateOf(key), ...times };
}
