import { ConfigError } from '@flowmate/config';
import { VERSION } from '@flowmate/domain';
import { EXIT_FAILED, EXIT_OK, UsageError, type Command } from './command.js';
import type { Terminal } from './terminal.js';

const HELP = new Set(['--help', '-h', 'help']);

/** Finds the command, and turns whatever goes wrong into words and an exit code. */
export class FlowmateCli {
  constructor(
    private readonly commands: readonly Command[],
    private readonly terminal: Terminal,
  ) {}

  async run([name, ...args]: readonly string[]): Promise<number> {
    if (name === '--version') return this.say(`flowmate ${VERSION}`);
    if (name === undefined || HELP.has(name)) return this.say(this.overview());
    const command = this.commands.find((one) => one.name === name);
    if (!command) {
      this.terminal.note(`There is no such command.\n\n${this.overview()}`);
      return EXIT_FAILED;
    }
    if (args.some((arg) => HELP.has(arg))) return this.say(command.usage);
    try {
      return await command.run(args, this.terminal);
    } catch (error) {
      return this.explain(error, command);
    }
  }

  private say(text: string): number {
    this.terminal.result(text);
    return EXIT_OK;
  }

  private overview(): string {
    const width = Math.max(...this.commands.map(({ name }) => name.length));
    return [
      'Usage: flowmate <command> [options]',
      '',
      ...this.commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
      '',
      '  --help after a command tells more; --version tells the version.',
      '  Settings come from the environment and FLOWMATE_CONFIG, as for the api and the worker.',
    ].join('\n');
  }

  private explain(error: unknown, { usage }: Command): number {
    if (error instanceof UsageError) this.terminal.note(`${error.message}\n\n${usage}`);
    else this.terminal.note(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigError ? error.exitCode : EXIT_FAILED;
  }
}
