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
/** A link and nothing else. */
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
    if (!front || !this.#secret) return undefined;
    const deadline = performance.now() + WITHIN_MS;
    while (performance.now() < deadline && !signal.aborted) {
      const { status, body } = await post(`${front}/dev/sign-in-link`, this.#secret);
      if (status === 201) return linkIn(body);
      if (status !== undefined && status !== 503) return undefined;
      await delay(ASK_EVERY_MS);
    }
    return undefined;
  }
}

/** @param {string} body */
function linkIn(body) {
  try {
    const { url } = JSON.parse(body);
    return typeof url === 'string' && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : undefined;
  } catch {
    return undefined; // not an api of ours
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
