import type { SettingKind } from './setting-kinds.js';

export interface SettingOptions<T> {
  readonly kind: SettingKind<T>;
  /** One sentence for the operator. */
  readonly doc: string;
  /** What holds when nobody says otherwise. A function where it depends on the environment. */
  readonly default?: T | ((production: boolean) => T | undefined);
  /** How the documentation writes a default that is a function. */
  readonly defaultDoc?: string;
  readonly requiredInProduction?: boolean;
  /** Other names that are accepted. An alias and its setting that disagree are an error. */
  readonly aliases?: readonly string[];
  /** A name under which others count the same duration in whole seconds. */
  readonly aliasInSeconds?: string;
  /** A value for `.env.example` where there is no default to show. */
  readonly example?: string;
}

export interface Setting extends SettingOptions<unknown> {
  readonly variable: string;
  readonly property: string;
}

// A class is described once, where it is written: its settings live beside it, keyed by its prototype.
const settingsOf = new WeakMap<object, Setting[]>();

/** Declares that a property is read from an environment variable (or the YAML file) of this name. */
export function FromEnv<T>(variable: string, options: SettingOptions<T>): PropertyDecorator {
  return (prototype, property) => {
    const settings = settingsOf.get(prototype) ?? [];
    // The registry holds settings of many kinds; each is only ever used with its own kind's parser.
    settings.push({ ...(options as SettingOptions<unknown>), variable, property: String(property) });
    settingsOf.set(prototype, settings);
  };
}

/** A group of settings for one concern. The class itself is the injection token. */
export interface EnvClass<T extends object = object> {
  new (): T;
  /** Heading of its section in the documentation. */
  readonly title: string;
  /** Rules over several settings; answers what is wrong. */
  rules?(env: T, production: boolean): ReadonlyArray<{ name: string; rule: string }>;
}

export function settings(type: EnvClass): readonly Setting[] {
  return settingsOf.get(type.prototype as object) ?? [];
}

export function defaultOf(setting: Setting, production: boolean): unknown {
  return typeof setting.default === 'function'
    ? (setting.default as (production: boolean) => unknown)(production)
    : setting.default;
}
