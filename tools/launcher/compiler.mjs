import { fileURLToPath } from 'node:url';
import { startChild } from './child.mjs';

const SCRIPT = fileURLToPath(new URL('standby-compiler.mjs', import.meta.url));

/** Keeps one loaded compiler waiting, so that a save does not pay for loading it. Each compiles once. */
export class Compiler {
  #start;
  /** @type {import('./child.mjs').Child | undefined} */
  #child;
  /** @type {string[]} */
  #lines = [];

  /** @param {{ root: string, runtime: string, env: Record<string, string | undefined> }} options */
  constructor({ root, runtime, env }) {
    this.#start = () => {
      const lines = /** @type {string[]} */ ([]);
      this.#lines = lines;
      const onLine = (/** @type {string} */ text) => void lines.push(text);
      return startChild({ name: 'compiler', command: [runtime, SCRIPT], cwd: root, env, onLine });
    };
    process.once('exit', () => this.stop());
  }

  /** To be called when the processor has nothing better to do. */
  warmUp() {
    if (!this.#child || this.#child.ended.aborted) this.#child = this.#start();
  }

  /** @returns {Promise<{ isGood: boolean, output: string }>} */
  async compile() {
    this.warmUp();
    this.#child?.send('build');
    const exit = await this.#child?.exit;
    return { isGood: exit?.code === 0, output: this.#lines.join('\n') };
  }

  stop() {
    if (this.#child && !this.#child.ended.aborted) this.#child.kill();
  }
}
