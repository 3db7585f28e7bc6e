import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { settings } from './environment.mjs';

/** 256 bits, as the api wants them. */
const SECRET_BYTES = 32;
/** The api is up; its way to the stores takes a moment. */
const WITHIN_MS = 5_000;
const ASK_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 1_000;
/** A link, or a key, and nothing else. */
const MAX_ANSWER = 4_096;

/**
 * A way in for whoever started this: the api gives a link, bound to no browser, to who shows the secret of this
 * start. It refuses the secret in production, so there is none then.
 */
export class SignInLink {
  #secret;

  /**
   * @param {string} root
   * @param {import('./environment.mjs').Variables} environment
   */
  constructor(root, environment) {
    const { NODE_ENV, DEV_LINK_SECRET } = settings(root, environment);
    const isDevelopment = (NODE_ENV || 'development') === 'development';
    this.#secret = isDevelopment ? DEV_LINK_SECRET || randomBytes(SECRET_BYTES).toString('hex') : undefined;
  }

  /**
   * For the api alone.
   * @returns {Record<string, string>}
   */
  get environment() {
    return this.#secret ? { DEV_LINK_SECRET: this.#secret } : {};
  }

  /**
   * @param {string | undefined} front    where the api answers
   * @param {AbortSignal} signal
   * @returns {Promise<string | undefined>} none when the api gives none in time; then people ask for one by mail
   */
  async ask(front, signal) {
    const { url } = await this.#askFor(`${front}/dev/sign-in-link`, front, signal);
    return typeof url === 'string' && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : undefined;
  }

  /**
   * @param {string | undefined} front
   * @param {AbortSignal} signal
   * @returns {Promise<string | undefined>} one line that runs an agent from end to end
   */
  async askForTrial(front, signal) {
    const { agentId, key } = await this.#askFor(`${front}/dev/demonstration`, front, signal);
    if (!/^[0-9a-f]{24}$/.test(`${agentId}`) || !/^fm_live_[A-Za-z0-9_-]{43}$/.test(`${key}`)) return undefined;
    const headers = [`Authorization: Bearer ${key}`, 'Content-Type: application/json', 'Prefer: wait=30'];
    const body = JSON.stringify({ input: 'What time is it?' });
    return `curl -s ${front}/api/v1/agents/${agentId}/run ${headers.map((one) => `-H '${one}'`).join(' ')} -d '${body}'`;
  }

  /**
   * @param {string} url
   * @param {string | undefined} front
   * @param {AbortSignal} signal
   * @returns {Promise<Record<string, unknown>>}
   */
  async #askFor(url, front, signal) {
    if (!front || !this.#secret) return {};
    const deadline = performance.now() + WITHIN_MS;
    while (performance.now() < deadline && !signal.aborted) {
      const { status, body } = await post(url, this.#secret);
      if (status === 201) return objectIn(body);
      if (status !== undefined && status !== 503) return {};
      await delay(ASK_EVERY_MS);
    }
    return {};
  }
}

/**
 * @param {string} body
 * @returns {Record<string, unknown>}
 */
function objectIn(body) {
  try {
    const found = JSON.parse(body);
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {}; // not an api of ours
  }
}

/**
 * @param {string} url
 * @param {string} secret
 * @returns {Promise<{ status?: number | undefined, body: string }>}
 */
function post(url, secret) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${secret}` };
    const asked = request(url, { method: 'POST', agent: false, timeout: ANSWER_WITHIN_MS, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body = (body + chunk).slice(0, MAX_ANSWER)));
      response.on('close', () => resolve({ status: response.statusCode, body }));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve({ body: '' })); // it is asked again
    asked.end();
  });
}
