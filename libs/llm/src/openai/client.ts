import type OpenAI from 'openai';
import type { Secret } from '@flowmate/config';
import type { Fetch } from '@flowmate/egress';

export interface ClientOptions {
  readonly baseUrl: string;
  readonly key: Secret;
  readonly fetch: Fetch;
}

/** What machine this is, is not the provider's business. `null` takes a header away. */
const WITHOUT_TELEMETRY = {
  'x-stainless-arch': null,
  'x-stainless-lang': null,
  'x-stainless-os': null,
  'x-stainless-package-version': null,
  'x-stainless-retry-count': null,
  'x-stainless-runtime': null,
  'x-stainless-runtime-version': null,
  'x-stainless-timeout': null,
  'user-agent': 'flowmate',
};

/** Longer than any call: the SDK's own ten minutes would end a slow one that is well. */
const NO_TIMEOUT_MS = 2_147_483_647;

/** The SDK is loaded with the first call: it is large, and a process without a key never needs it. */
export async function loadClient({ baseUrl, key, fetch }: ClientOptions): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    apiKey: key.reveal(),
    baseURL: baseUrl,
    fetch,
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    // It would print requests, and take what else it finds in the environment.
    logLevel: 'off',
    organization: null,
    project: null,
    webhookSecret: null,
    defaultHeaders: WITHOUT_TELEMETRY,
  });
}
