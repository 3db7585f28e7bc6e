import { administer } from '../administration.js';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_OK, UsageError, type Command } from '../command.js';
import { operator } from '../operator.js';
import { asksForJson } from '../output.js';

export const sessions: Command = {
  name: 'sessions',
  summary: 'ends all sessions of somebody',
  usage: [
    'Usage: flowmate sessions end <id or address> [--json]',
    '',
    'The person has to sign in again everywhere, within five seconds. API keys stay; `flowmate keys` ends those.',
    'What is done is recorded in the audit trail of the instance.',
    'Exit code 0 when it is done, 1 when it is not, 78 when the settings do not allow it.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, JSON_OPTION);
    const [action, who, ...rest] = positionals;
    if (action !== 'end' || who === undefined || rest.length > 0)
      throw new UsageError('Say whose sessions: `end <id or address>`.');
    await administer(terminal, async (administration) => {
      const { id, email } = await administration.person(who);
      await administration.sessions().endAll(id, operator());
      const asJson = asksForJson(values, terminal);
      terminal.result(asJson ? JSON.stringify({ ended: { id, email } }) : `All sessions of ${email} have ended.`);
    });
    return EXIT_OK;
  },
};
