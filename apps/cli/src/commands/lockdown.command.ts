import { administer } from '../administration.js';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import { operator } from '../operator.js';
import { asksForJson, when } from '../output.js';

const ACTIONS = ['on', 'off', 'status'] as const;

export const lockdown: Command = {
  name: 'lockdown',
  summary: 'makes the whole instance read-only for all but admins',
  usage: [
    'Usage: flowmate lockdown on [--json]       felt by every process within five seconds',
    '       flowmate lockdown off [--json]',
    '       flowmate lockdown status [--json]',
    '',
    'Nobody but admins changes anything, and no new accounts are made; reading goes on.',
    'What is done is recorded in the audit trail of the instance.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, JSON_OPTION);
    const action = ACTIONS.find((one) => one === positionals[0]);
    if (!action || positionals.length !== 1) throw new UsageError('Say what to do: `on`, `off` or `status`.');
    await administer(terminal, async (administration) => {
      const lock = administration.lockdown();
      if (action !== 'status') await lock.set(action === 'on', operator());
      const since = await lock.since();
      const said = since ? `The instance is read-only since ${when(since)}.` : 'The instance is open.';
      const answer = { lockdown: since ? 'on' : 'off', since };
      terminal.result(asksForJson(values, terminal) ? JSON.stringify(answer) : said);
    });
    return EXIT_OK;
  },
};
