import { ALL_PERMISSIONS, PERMISSIONS, ROLES, type Role } from './permission.js';

const MEANINGS: Readonly<Record<Role, string>> = {
  admin: 'a person who looks after the instance; in workspaces no more than what the membership says',
  manager: 'a person: everything in the workspaces where the membership says so, the personal one among them',
  analyst: 'a person who reads and changes nothing',
  agent: 'a worker that acts for a run; nothing at the HTTP surface',
  integration: 'an API key for a program of somebody else',
  service: 'an API key for a program of one’s own',
};

/** The page `docs/permissions.md`, whole. */
export function permissionsPage(): string {
  return [
    '# Roles and permissions',
    '',
    'Written by `npm run docs` from the one table in `libs/domain`, from which the guards and the test of every operation are made too. Do not edit by hand.',
    '',
    ...ROLES.map((role) => `- **${role}**: ${MEANINGS[role]}.`),
    '',
    'The role of a person is a ceiling: in a workspace it is the lower of that and of the membership. A key does what its scopes, its role and its owner all allow, and never makes keys. Clients ask `GET /api/v1/auth/me` for permissions and do not reason about roles.',
    '',
    `| permission | means | ${ROLES.join(' | ')} |`,
    `| --- | --- | ${ROLES.map(() => '---').join(' | ')} |`,
    ...ALL_PERMISSIONS.map((permission) => {
      const { means, roles } = PERMISSIONS[permission];
      const marks = ROLES.map((role) => ((roles as readonly Role[]).includes(role) ? 'yes' : ''));
      return `| \`${permission}\` | ${means} | ${marks.join(' | ')} |`;
    }),
    '',
  ].join('\n');
}
