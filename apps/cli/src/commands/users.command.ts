import type { User } from '@flowmate/database';
import { emailAddress, PERSON_ROLES, type PersonRole } from '@flowmate/domain';
import { administer, type Administration } from '../administration.js';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import { operator } from '../operator.js';
import { asksForJson, table, when } from '../output.js';
import type { Terminal } from '../terminal.js';

const OPTIONS = {
  ...JSON_OPTION,
  email: { type: 'string' },
  role: { type: 'string' },
  disabled: { type: 'boolean' },
  limit: { type: 'string' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];
type Work = (administration: Administration) => Promise<readonly User[]>;

/** More lines nobody reads; a program that needs them says so. */
const DEFAULT_LIMIT = 1_000;
/** One question to the store. */
const PAGE = 200;

export const users: Command = {
  name: 'users',
  summary: 'lists the people of the instance, makes, changes and disables them',
  usage: [
    'Usage: flowmate users list [--email <address>] [--role <role>] [--[no-]disabled] [--limit <count>] [--json]',
    '       flowmate users create <address> --role <role>     the first admin of an instance, for example',
    '       flowmate users role <id or address> <role>        felt by the person within five seconds',
    '       flowmate users disable <id or address>            signs out, too',
    '       flowmate users enable <id or address>',
    '',
    `  <role>   one of ${PERSON_ROLES.join(', ')}`,
    `  --limit  how many to list, ${DEFAULT_LIMIT} unless it says otherwise`,
    '  --json   one JSON object instead of text; so it is where no terminal is',
    '',
    'The last admin stays one. What is done is recorded in the audit trail of the instance.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, OPTIONS);
    const work = workOf(positionals, values);
    await administer(terminal, async (administration) => {
      say(await work(administration), asksForJson(values, terminal), terminal);
    });
    return EXIT_OK;
  },
};

function workOf([action, ...given]: readonly string[], values: Values): Work {
  const { json: _, ...filters } = values;
  const [who = '', role] = given;
  const isAlone = given.length === 1 && Object.keys(filters).length === 0;
  if (action === 'list' && given.length === 0) return list(values);
  if (action === 'create' && given.length === 1) return create(who, roleOf(values.role));
  if (action === 'role' && given.length === 2) return change(who, { role: roleOf(role) });
  if (action === 'disable' && isAlone) return change(who, { isDisabled: true });
  if (action === 'enable' && isAlone) return change(who, { isDisabled: false });
  throw new UsageError('Say what to do: `list`, `create`, `role`, `disable` or `enable`, and with whom.');
}

function roleOf(text: string | undefined): PersonRole {
  const role = PERSON_ROLES.find((one) => one === text);
  if (!role) throw new UsageError(`A role is one of ${PERSON_ROLES.join(', ')}.`);
  return role;
}

function addressOf(text: string): string {
  const email = emailAddress(text);
  if (!email) throw new UsageError('That is no e-mail address.');
  return email;
}

function list({ email, role, disabled, limit = String(DEFAULT_LIMIT) }: Values): Work {
  if (!/^[1-9]\d{0,6}$/.test(limit)) throw new UsageError('--limit takes a number.');
  const filter = {
    ...(email !== undefined && { email: addressOf(email) }),
    ...(role !== undefined && { role: roleOf(role) }),
    ...(disabled !== undefined && { isDisabled: disabled }),
  };
  return async (administration) => {
    const people = administration.people();
    const found: User[] = [];
    while (found.length < Number(limit)) {
      const after = found.at(-1)?.id;
      const count = Math.min(PAGE, Number(limit) - found.length);
      // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before it ended
      const page = await people.list({ ...filter, limit: count, ...(after !== undefined && { after }) });
      found.push(...page);
      if (page.length < count) break;
    }
    return found;
  };
}

function create(address: string, role: PersonRole): Work {
  const email = addressOf(address);
  return async (administration) => {
    if (await administration.users.findByEmail(email)) throw new Error('There is such a person already.');
    return [await administration.accounts().provide(email, role, operator())];
  };
}

function change(who: string, wanted: { readonly role?: PersonRole; readonly isDisabled?: boolean }): Work {
  return async (administration) => {
    const { id } = await administration.person(who);
    return [await administration.people().change(id, wanted, operator())];
  };
}

function say(found: readonly User[], asJson: boolean, terminal: Terminal): void {
  if (asJson) terminal.result(JSON.stringify({ users: found.map(shown) }));
  else terminal.result(table(['ID', 'ADDRESS', 'ROLE', 'STATE', 'LAST SIGN-IN'], found.map(row)));
}

function stateOf({ disabledAt, deletedAt }: User): string {
  if (deletedAt) return 'deleted';
  return disabledAt ? 'disabled' : 'active';
}

function row(user: User): string[] {
  return [user.id, user.email, user.role, stateOf(user), when(user.lastSignInAt)];
}

function shown(user: User): object {
  const { id, email, role, createdAt, lastSignInAt, disabledAt, deletedAt } = user;
  return { id, email, role, state: stateOf(user), createdAt, lastSignInAt, disabledAt, deletedAt };
}
