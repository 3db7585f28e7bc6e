import {
  ALL_ENV,
  AppEnv,
  ConfigError,
  EncryptionEnv,
  loadEnv,
  TokenSecretsEnv,
  type ConfigProblem,
  type EnvClass,
  type Environment,
} from '@flowmate/config';
import { misconfigured, ok, type Finding } from './finding.js';

const KEYS = new Set([
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'REFRESH_SECRET',
  'INTEGRATION_ENC_KEY',
  'INTEGRATION_ENC_KEY_PREVIOUS',
]);
const MAKE_ONE = 'Make one with `openssl rand -hex 32`, and give it to every process that needs it.';

/** The settings of one concern, or `undefined` when something is wrong with them. */
export function settingsOf(types: readonly EnvClass[]): Environment | undefined {
  try {
    return loadEnv(types);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function problems(types: readonly EnvClass[]): readonly ConfigProblem[] {
  try {
    loadEnv(types);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Every setting of every process, by name. */
export function checkConfiguration(): Finding[] {
  const found = problems(ALL_ENV).filter(({ name }) => !KEYS.has(name));
  if (found.length === 0) return [ok('configuration', 'every setting can be used')];
  const todo = 'docs/configuration.md tells what it takes.';
  return found.map(({ name, rule }) => misconfigured('configuration', `${name}: ${rule}`, todo));
}

/** What signs and encrypts: there, and not to be guessed. */
export function checkKeys(): Finding[] {
  const found = problems([AppEnv, TokenSecretsEnv, EncryptionEnv]).filter(({ name }) => KEYS.has(name));
  if (found.length > 0) return found.map(({ name, rule }) => misconfigured('keys', `${name}: ${rule}`, MAKE_ONE));
  const env = settingsOf([TokenSecretsEnv, EncryptionEnv]);
  const given = [
    env?.get(TokenSecretsEnv).jwtSecret,
    env?.get(TokenSecretsEnv).refreshSecret,
    env?.get(EncryptionEnv).integrationKey,
  ];
  const isAll = given.every((key) => key !== undefined);
  return [ok('keys', isAll ? 'all there, and strong' : 'development makes what is not set, in .flowmate/secrets')];
}
