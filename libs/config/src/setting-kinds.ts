import { Secret } from './secret.js';

/** How the text of a variable becomes a value. A parser answers `undefined` for text that is not one of its kind. */
export interface SettingKind<T> {
  readonly name: string;
  /** What the documentation calls it and what a refusal says. */
  readonly expects: string;
  parse(text: string): T | undefined;
  /** How a default is written in the documentation and in `.env.example`. */
  format(value: T): string;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(text: string): number | undefined {
  const [, amount, unit = 'ms'] = /^(\d{1,12})(ms|s|m|h|d)?$/.exec(text) ?? [];
  const factor = UNIT_MS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

function formatDuration(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms % (UNIT_MS[name] ?? 1) === 0 && ms > 0) ?? 'ms';
  return `${ms / (UNIT_MS[unit] ?? 1)}${unit}`;
}

export const text: SettingKind<string> = {
  name: 'text',
  expects: 'text',
  parse: (value) => value,
  format: (value) => value,
};

export const integer: SettingKind<number> = {
  name: 'integer',
  expects: 'a whole number',
  parse: (value) => (/^\d{1,15}$/.test(value) ? Number(value) : undefined),
  format: String,
};

export const ratio: SettingKind<number> = {
  name: 'ratio',
  expects: 'a number from 0 to 1',
  parse: (value) => (/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(value) ? Number(value) : undefined),
  format: String,
};

export const boolean: SettingKind<boolean> = {
  name: 'boolean',
  expects: 'true or false',
  parse: (value) => ({ true: true, false: false })[value.toLowerCase()],
  format: String,
};

export const duration: SettingKind<number> = {
  name: 'duration',
  expects: 'a duration such as 500ms, 30s, 15m, 2h, 7d, or plain milliseconds',
  parse: parseDuration,
  format: formatDuration,
};

export const secret: SettingKind<Secret> = {
  name: 'secret',
  expects: 'a secret',
  parse: (value) => new Secret(value),
  format: () => '',
};

export const list: SettingKind<readonly string[]> = {
  name: 'list',
  expects: 'a comma-separated list',
  parse: (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  format: (value) => value.join(','),
};
