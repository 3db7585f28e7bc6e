import { setTimeout as delay } from 'node:timers/promises';
import { LIMITS, MISCONFIGURED } from './limits.mjs';
import { refusedPort } from './port.mjs';
import { duration } from './terminal.mjs';

/**
 * @typedef {import('./child.mjs').Child} Child
 * @typedef {import('./child.mjs').Exit} Exit
 *
 * @typedef {object} Member
 * @property {string} name
 * @property {string} awaited        what shows that it is ready, for whoever waits
 * @property {(child: Child) => Promise<boolean>} isReady   false when it ended before
 * @property {() => Child} spawn
 * @property {Child} [child]
 * @property {number[]} [crashes]    when they happened
 * @property {NodeJS.Timeout} [restart]
 *
 * @typedef {object} Reports
 * @property {import('./terminal.mjs').Terminal} terminal
 * @property {() => void} onProcesses                 the set of processes is another one
 * @property {(name: string) => void} onReady
 *
 * @typedef {{ exitCode: number, crash?: Child }} Verdict
 */

/** Keeps several processes running: restarts who crashes, and stops all in the reverse order. */
export class Fleet {
  #base;
  #prepare;
  #members;
  #reports;
  #limits;
  #survives;
  #isStopping = false;
  #haveAllStarted = false;
  /** @type {(value: void) => void} */
  #onBaseReady = () => undefined;
  /** @type {WeakSet<Child>} */
  #replaced = new WeakSet();
  /** @type {(verdict: Verdict) => void} */
  #giveUp = () => undefined;
  /**
   * Settles when the fleet cannot go on; with the child whose end was final, if one was.
   * @type {Promise<Verdict>}
   */
  over = new Promise((resolve) => (this.#giveUp = resolve));

  /**
   * @param {object} options
   * @param {Member} [options.base]        what the others stand on: ready before they start, there until they ended
   * @param {() => Promise<boolean>} [options.prepare]   once, on the base and before the others; false is the end
   * @param {Member[]} options.members     in the order of starting
   * @param {Reports} options.reports
   * @param {Partial<typeof LIMITS>} [options.limits]
   * @param {boolean} [options.survivesCrashes]  when developing, the next save may repair it
   */
  constructor({ base, prepare, members, reports, limits, survivesCrashes = false }) {
    this.#base = base;
    this.#prepare = prepare;
    this.#members = base ? [base, ...members] : members;
    this.#reports = reports;
    this.#limits = { ...LIMITS, ...limits };
    this.#survives = survivesCrashes;
  }

  /** @returns {import('./lock.mjs').KnownProcess[]} */
  get processes() {
    return this.#members.flatMap(({ name, child }) =>
      child?.pid && child.identity && !child.ended.aborted ? [{ name, pid: child.pid, identity: child.identity }] : [],
    );
  }

  start() {
    void this.#startAll();
  }

  /** A base that crashes while it starts is started again like any other; the rest waits for the one that succeeds. */
  async #startAll() {
    const base = this.#base;
    if (base) {
      const ready = new Promise((/** @type {(value: void) => void} */ resolve) => (this.#onBaseReady = resolve));
      void this.#start(base);
      await ready;
    }
    if (this.#isStopping) return;
    const isPrepared = (await this.#prepare?.()) ?? true;
    if (!isPrepared) return this.#giveUp({ exitCode: 1 });
    if (this.#isStopping) return;
    this.#haveAllStarted = true;
    for (const member of this.#members) if (member !== base) void this.#start(member);
  }

  /**
   * Replaces the named processes, all at once: waiting requests are not worth waiting for here.
   * @param {readonly string[]} names
   * @returns {Promise<boolean>} whether all became ready
   */
  async restart(names) {
    const base = this.#base;
    if (base?.child?.ended.aborted && (base.crashes?.length ?? 0) >= this.#limits.maxCrashes) void this.#replace(base);
    if (!this.#haveAllStarted) return false; // they start with what was just built, as soon as the base is ready
    const members = this.#members.filter(({ name }) => names.includes(name));
    const outcomes = await Promise.all(members.map((member) => this.#replace(member)));
    return outcomes.every(Boolean);
  }

  async stop() {
    this.#isStopping = true;
    for (const member of this.#members) clearTimeout(member.restart);
    const { stopMs, baseMs } = this.#limits;
    const running = this.#members.filter(({ child }) => child && !child.ended.aborted);
    await this.#end(running.filter((member) => member !== this.#base).toReversed(), stopMs);
    await this.#end(
      running.filter((member) => member === this.#base),
      baseMs,
    );
  }

  /**
   * Each is asked after the one before it had its head start; who is not done in time is killed.
   * @param {Member[]} members
   * @param {number} ms
   */
  async #end(members, ms) {
    const deadline = performance.now() + ms;
    const left = () => Math.max(0, deadline - performance.now());
    const children = members.flatMap(({ child }) => child ?? []);
    const tellIfStopped = (/** @type {Child} */ child) =>
      child.exit.then(() => left() > 0 && this.#reports.terminal.say(`${child.name} stopped`));
    for (const child of children) {
      child.terminate();
      void tellIfStopped(child);
      await endedWithin(child, Math.min(this.#limits.nextMs, left()));
    }
    await Promise.all(children.map((child) => endedWithin(child, left())));
    for (const child of children.filter(({ ended }) => !ended.aborted)) {
      this.#reports.terminal.complain(`${child.name} did not stop within ${duration(ms)} and is killed`);
      child.kill();
    }
    await Promise.all(children.map(({ exit }) => exit));
  }

  kill() {
    this.#isStopping = true;
    for (const { child, restart } of this.#members) {
      clearTimeout(restart);
      if (child && !child.ended.aborted) child.kill();
    }
  }

  /**
   * @param {Member} member
   * @returns {Promise<boolean>}
   */
  async #start(member) {
    const child = member.spawn();
    member.child = child;
    void child.exit.then((exit) => this.#onExit(member, child, exit));
    this.#reports.onProcesses();
    const slow = setTimeout(() => {
      const waited = duration(this.#limits.slowMs);
      this.#reports.terminal.complain(`${member.name}: still waiting for ${member.awaited} after ${waited}`);
    }, this.#limits.slowMs);
    const isReady = await member.isReady(child);
    clearTimeout(slow);
    if (isReady) this.#reports.onReady(member.name);
    if (isReady && member === this.#base) this.#onBaseReady();
    return isReady;
  }

  /** @param {Member} member */
  async #replace(member) {
    clearTimeout(member.restart);
    const old = member.child;
    member.crashes = [];
    if (old && !old.ended.aborted) {
      this.#replaced.add(old);
      old.terminate();
      if (!(await endedWithin(old, this.#limits.replaceMs))) old.kill();
      await old.exit;
    }
    return this.#isStopping ? false : this.#start(member);
  }

  /**
   * @param {Member} member
   * @param {Child} child
   * @param {Exit} exit
   */
  #onExit(member, child, exit) {
    this.#reports.onProcesses();
    if (this.#isStopping || this.#replaced.has(child)) return;
    this.#report(child, exit);
    if (exit.code === MISCONFIGURED) return this.#giveUp({ exitCode: MISCONFIGURED, crash: child });
    if (refusedPort(child.lastLines) !== null) return this.#giveUp({ exitCode: 1, crash: child });
    const { crashWindowMs, maxCrashes, backoffMs } = this.#limits;
    const now = performance.now();
    const crashes = [...(member.crashes ?? []).filter((at) => now - at < crashWindowMs), now];
    member.crashes = crashes;
    if (crashes.length < maxCrashes) {
      const pause = backoffMs * 2 ** (crashes.length - 1);
      this.#reports.terminal.complain(`${member.name} starts again in ${duration(pause)}`);
      member.restart = setTimeout(() => void this.#start(member), pause);
      return;
    }
    const verdict = `${member.name} crashed ${maxCrashes} times within ${duration(crashWindowMs)}`;
    if (this.#survives) return this.#reports.terminal.complain(`${verdict}; it starts again after the next save`);
    this.#reports.terminal.complain(`${verdict}; everything stops`);
    this.#giveUp({ exitCode: 1 });
  }

  /**
   * @param {Child} child
   * @param {Exit} exit
   */
  #report(child, { code, signal }) {
    const { terminal } = this.#reports;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    terminal.complain(`${child.name} (process ${child.pid}) ${how}. Its last lines:`);
    for (const line of child.lastLines) terminal.complain(`    ${line}`);
  }
}

/**
 * @param {Child} child
 * @param {number} ms
 * @returns {Promise<boolean>}
 */
async function endedWithin(child, ms) {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined); // cleared, see below
  await Promise.race([child.exit, late]);
  timer.abort();
  return child.ended.aborted;
}
