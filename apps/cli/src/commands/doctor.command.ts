import { EXIT_CONFIG } from '@flowmate/config';
import { JSON_OPTION, readArguments } from '../arguments.js';
import { EXIT_FAILED, EXIT_OK, UsageError, type Command } from '../command.js';
import { checkDatabase } from '../doctor/database.check.js';
import type { Finding } from '../doctor/finding.js';
import { checkMail } from '../doctor/mail.check.js';
import { checkRedis } from '../doctor/redis.check.js';
import { checkConfiguration, checkKeys } from '../doctor/settings.check.js';
import { asksForJson } from '../output.js';

/** Every check has limits of its own; this one is for what nobody foresaw. */
const PATIENCE_MS = 60_000;

export const doctor: Command = {
  name: 'doctor',
  summary: 'looks the whole system over and says what to do',
  usage: [
    'Usage: flowmate doctor [--json]',
    '',
    'Looks at the configuration, the keys, MongoDB, the migrations, the indexes, the clocks, the workers, the audit',
    'trail, Redis and mail. It changes nothing and sends nothing. Run it where the api runs, with the same settings.',
    '',
    '  --json   one JSON object instead of text; so it is where no terminal is',
    '',
    'Exit code 0 when nothing fails, 1 when something does, 78 when it is the settings.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { values, positionals } = readArguments(args, JSON_OPTION);
    if (positionals.length > 0) throw new UsageError('It takes nothing but options.');
    const findings = await examine(AbortSignal.timeout(PATIENCE_MS));
    const code = exitCodeOf(findings);
    terminal.result(
      asksForJson(values, terminal) ? JSON.stringify({ ok: code === EXIT_OK, findings }) : text(findings),
    );
    return code;
  },
};

async function examine(signal: AbortSignal): Promise<Finding[]> {
  const settings = [...checkConfiguration(), ...checkKeys()];
  const world = await Promise.all([checkDatabase(signal), checkRedis(signal), checkMail()]);
  return [...settings, ...world.flat()];
}

function exitCodeOf(findings: readonly Finding[]): number {
  const failed = findings.filter(({ status }) => status === 'fail');
  if (failed.some(({ isConfiguration }) => isConfiguration)) return EXIT_CONFIG;
  return failed.length > 0 ? EXIT_FAILED : EXIT_OK;
}

function text(findings: readonly Finding[]): string {
  const [statusWidth, checkWidth] = (['status', 'check'] as const).map((column) =>
    Math.max(...findings.map((finding) => finding[column].length)),
  ) as [number, number];
  const lines = findings.flatMap(({ status, check, says, todo }) => {
    const head = `${status.padEnd(statusWidth)}  ${check.padEnd(checkWidth)}  `;
    return [`${head}${says}`, ...(todo === undefined ? [] : [`${' '.repeat(head.length)}→ ${todo}`])];
  });
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const verdict = failed === 0 ? 'Nothing fails.' : `${failed} ${failed === 1 ? 'thing fails' : 'things fail'}.`;
  return [...lines, verdict].join('\n');
}
