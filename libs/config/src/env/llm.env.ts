import { BlockList, isIP } from 'node:net';
import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { duration, secret, text } from '../setting-kinds.js';
import { IsHttpUrl, IsTokenName, Max, Min } from '../validators.js';

/** Loopback, RFC 1918, RFC 4193, and the shared range of RFC 6598 that overlay networks use. */
const OWN_NETWORKS = new BlockList();
OWN_NETWORKS.addSubnet('127.0.0.0', 8);
OWN_NETWORKS.addSubnet('10.0.0.0', 8);
OWN_NETWORKS.addSubnet('172.16.0.0', 12);
OWN_NETWORKS.addSubnet('192.168.0.0', 16);
OWN_NETWORKS.addSubnet('100.64.0.0', 10);
OWN_NETWORKS.addAddress('::1', 'ipv6');
OWN_NETWORKS.addSubnet('fc00::', 7, 'ipv6');

/** A name without a dot, or below a suffix that never leaves a network. */
const OWN_NAME = /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa|svc|svc\.cluster\.local)$/;

function isOwn(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const version = isIP(host);
  if (version === 0) return OWN_NAME.test(host);
  return OWN_NETWORKS.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

function baseUrlRule(baseUrl: string, production: boolean): string | undefined {
  const url = URL.parse(baseUrl);
  if (!url) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'must have no credentials, query or fragment';
  return production && url.protocol === 'http:' && !isOwn(url.hostname)
    ? 'must be https in production, unless it is on this machine or a private network'
    : undefined;
}

/** The provider of language models: OpenAI, or whatever speaks its Chat Completions. */
export class LlmEnv {
  static readonly title = 'Language model';

  static rules(env: LlmEnv, production: boolean): Array<{ name: string; rule: string }> {
    const rule = baseUrlRule(env.baseUrl, production);
    return [
      // Not `requiredInProduction`: what is, is made up for development as a secret.
      ...(production && env.key === undefined ? [{ name: 'OPENAI_KEY', rule: 'is required in production' }] : []),
      // It travels in a header; an error about a header would quote it.
      ...(env.key && !/^[\x21-\x7e]{1,500}$/.test(env.key.reveal())
        ? [{ name: 'OPENAI_KEY', rule: 'must be 1 to 500 printable characters without spaces' }]
        : []),
      ...(rule ? [{ name: 'OPENAI_BASE_URL', rule }] : []),
    ];
  }

  @FromEnv('OPENAI_KEY', {
    kind: secret,
    doc: 'The key of the provider. Without it a built-in demonstration model answers; production refuses to start. A server that needs none takes any word.',
    aliases: ['OPENAI_API_KEY'],
    example: 'the-key-of-the-provider',
  })
  key: Secret | undefined;

  @FromEnv('OPENAI_BASE_URL', {
    kind: text,
    doc: 'Where Chat Completions are: OpenAI, or any server that speaks them. It may be inside; exactly its origin is trusted.',
    default: 'https://api.openai.com/v1',
  })
  @IsHttpUrl()
  baseUrl: string;

  @FromEnv('OPENAI_MODEL', {
    kind: text,
    doc: 'The model of agents that name none.',
    // Begins to answer at once and calls tools well at a low price; models that think in silence need longer timeouts.
    default: 'gpt-4.1-mini',
  })
  @IsTokenName()
  model: string;

  @FromEnv('LLM_FIRST_BYTE_TIMEOUT_MS', {
    kind: duration,
    doc: 'How long a model may take to begin its answer, connecting included. Raise it for slow servers of your own.',
    default: 15_000,
  })
  @Min(100)
  @Max(3_600_000)
  firstByteMs: number;

  @FromEnv('LLM_IDLE_TIMEOUT_MS', {
    kind: duration,
    doc: 'How long an answer may stand still; comments and spaces count as standing still. Raise it for models that think before they write.',
    default: 15_000,
  })
  @Min(100)
  @Max(3_600_000)
  idleMs: number;

  @FromEnv('LLM_DEMO_WORD_DELAY_MS', {
    kind: duration,
    doc: 'How long the demonstration model waits between words, so that its answer can be watched; 0 for tests.',
    default: 30,
  })
  @Min(0)
  @Max(10_000)
  demoWordMs: number;
}
