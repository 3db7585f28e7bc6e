import { MAIL_KEPT_MS } from '@flowmate/database';
import { SESSION_MS } from '../sessions/session.service.js';
import { INVITE_DAYS } from '../workspaces/invite.service.js';
import { ERASURE_RULES } from './erasure-rules.js';
import { DELETED_KEPT_DAYS } from './kept.js';

const DAY_MS = 86_400_000;

interface RetentionFigures {
  /** As the settings say when nobody says otherwise. */
  readonly auditDays: number;
  readonly auditSetting: string;
  readonly runDays: number;
  readonly runSetting: string;
}

const yes = (is: boolean): string => (is ? 'yes' : 'no');

/** The page `docs/retention.md`, whole. */
export function retentionPage({ auditDays, auditSetting, runDays, runSetting }: RetentionFigures): string {
  const rows = Object.entries(ERASURE_RULES).map(
    ([name, { withPerson, withWorkspace, holds }]) =>
      `| \`${name}\` | ${holds} | ${yes(withPerson)} | ${yes(withWorkspace)} |`,
  );
  return `# What is kept, and for how long

Written by \`npm run docs\` from the numbers and rules in \`libs/identity\`; a test compares the two. Do not edit by hand.

| what | how long |
| --- | --- |
| a deleted account or workspace | ${DELETED_KEPT_DAYS} days, in which it can be had back; then every trace of it is removed |
| a session | ${SESSION_MS / DAY_MS} days from the sign-in, however often it is refreshed |
| an invite that nobody uses | ${INVITE_DAYS} days |
| a mail, encrypted | ${MAIL_KEPT_MS / DAY_MS} days |
| an entry of the audit trail | ${auditDays} days, set by \`${auditSetting}\` |
| what is counted for rate limits | as long as its window |
| log lines | the processes keep none: they write to standard output, and whoever collects it decides |
| a run of an agent, with its journal and its texts | ${runDays} days after its end, set by \`${runSetting}\` |
| an agent and its versions, deleted ones too | as long as its workspace: runs are explained by them |
| a request that its caller named | a day; in what it made, as long as that |

Whoever deletes his account is gone for everybody at once: all sessions end, API keys stop working, and workspaces without any other member go along. Signing in within ${DELETED_KEPT_DAYS} days brings the account and its personal workspace back; other workspaces are restored one by one. Nobody can go who is the last administrator of the instance, or the last manager of a workspace that others belong to.

After that the duty \`erase\` of the workers, which looks every hour, removes what these collections hold. It may be killed anywhere and goes on with its next run. MongoDB itself removes what has expired.

| collection | holds | removed with the person | removed with the workspace |
| --- | --- | --- | --- |
${rows.join('\n')}

The audit trail outlives people, or nobody could find out who did what before he left. It names them by ids that lead nowhere once they are erased, and never by their e-mail address; network addresses in it go with their entries. Backups are the operator's: what is restored from one has to be erased again, which the next run of the duty does.

Everything that is kept about a person is at \`GET /api/v1/auth/me/export\`, everything of a workspace at \`GET /api/v1/workspaces/{id}/export\`, as NDJSON: one JSON object a line.
`;
}
