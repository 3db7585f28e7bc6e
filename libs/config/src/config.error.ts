/** One thing wrong with the configuration: which setting and which rule. Never the value. */
export interface ConfigProblem {
  readonly name: string;
  readonly rule: string;
}

/** sysexits(3) EX_CONFIG: the process cannot run as configured, and starting it again will not help. */
export const EXIT_CONFIG = 78;

/** Everything that is wrong with the configuration, at once. Ends the process with exit code 78. */
export class ConfigError extends Error {
  readonly exitCode = EXIT_CONFIG;

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(
      [
        `The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:`,
        ...problems.map(({ name, rule }) => `  ${name}: ${rule}`),
        'See docs/configuration.md.',
      ].join('\n'),
    );
    this.name = 'ConfigError';
  }
}
