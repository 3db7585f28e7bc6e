import { ConfigError } from '@flowmate/config';
import { ALL_COMMANDS } from './commands/all-commands.js';
import { EXIT_OK, type Command } from './command.js';
import { FlowmateCli } from './flowmate.cli.js';

async function flowmate(args: readonly string[], commands: readonly Command[] = ALL_COMMANDS) {
  let [out, err] = ['', ''];
  const terminal = {
    isInteractive: true,
    result: (text: string) => (out += text),
    note: (text: string) => (err += text),
  };
  const code = await new FlowmateCli(commands, terminal as never).run(args);
  return { code, out, err };
}

const command = (run: () => Promise<number>): Command => ({ name: 'try', summary: 'tries', usage: 'Usage: try', run });

const MISUSES = [
  'nonsense | migrate | migrate down | migrate up --force | migrate up up | migrate --json | doctor now',
  'doctor --fix | users | users list me | users list --role king | users list --limit 0',
  'users list --email me | users create a@example.com | users create me --role admin',
  'users role a@example.com | users disable | users disable a b',
  'users enable a@example.com --role admin | users list --email | sessions | sessions list | sessions list a b',
  'sessions end | sessions end a b | keys | keys list | keys revoke | keys make x | lockdown',
  'lockdown maybe | lockdown on off | audit | audit verify it | audit verify --trail x',
  'audit verify --all --trail instance | audit export --all | audit verify --from 2026-01-01',
  'audit export --from yesterday | audit export --to 2026-13-01',
].flatMap((line) => line.split(' | '));

describe('the command line', () => {
  it('lists its commands', async () => {
    const { out } = await flowmate(['--help']);
    expect(out).toContain('Usage: flowmate <command>');
    const lines = out.split('\n').map((line) => line.trim().split(/ {2,}/).join(': '));
    for (const { name, summary } of ALL_COMMANDS) expect(lines).toContain(`${name}: ${summary}`);
    expect(await flowmate([])).toEqual({ code: EXIT_OK, out, err: '' });
  });

  it.each(ALL_COMMANDS.map(({ name, usage }) => ({ name, usage })))('explains $name', async ({ name, usage }) =>
    expect(await flowmate([name, '--help'])).toEqual({ code: EXIT_OK, out: usage, err: '' }),
  );

  it('tells its version', async () => expect((await flowmate(['--version'])).out).toMatch(/^flowmate \d+\.\d+\.\d+$/));

  it.each(MISUSES)('ends with 1 and shows how it is called when it is called with: %s', async (line) => {
    const { code, out, err } = await flowmate(line.split(' '));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('Usage: flowmate');
  });

  it('ends with what the command answers', async () =>
    expect(await flowmate(['try'], [command(() => Promise.resolve(3))])).toMatchObject({ code: 3 }));

  it('ends with 1 and the reason when a command fails', async () => {
    const failing = command(() => Promise.reject(new Error('the disk is full')));
    expect(await flowmate(['try'], [failing])).toEqual({ code: 1, out: '', err: 'the disk is full' });
  });

  it('ends with 78 when the settings are wrong', async () => {
    const failing = command(() => Promise.reject(new ConfigError([{ name: 'A', rule: 'is wrong' }])));
    expect(await flowmate(['try'], [failing])).toMatchObject({ code: 78, err: expect.stringContaining('A: is wrong') });
  });
});
