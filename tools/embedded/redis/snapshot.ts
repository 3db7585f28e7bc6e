import { accessSync, closeSync, constants, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Engine, type EngineOptions } from './engine.ts';
import { log } from './log.ts';
import { ownLogin } from './settings.ts';

/** Valkey's default; nobody may change it. */
const SNAPSHOT = 'dump.rdb';
/** A snapshot stops everything while it is written, so it may take at most a twentieth of the time. */
const REST_PER_SAVE = 20;

/**
 * Starts an engine with the last snapshot. One that cannot be read is kept under another name and the
 * start goes on empty: what queues hold can be made again from the database, and a server that refuses
 * to start would take the whole application with it.
 */
export function bootWithSnapshot(options: EngineOptions): Engine {
  const path = join(options.folder, SNAPSHOT);
  const engine = new Engine(options);
  if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK); // a matter of rights is no damage
  try {
    engine.boot();
    return engine;
  } catch (error) {
    if (!existsSync(path)) throw error;
    return bootWithout(path, options, error);
  }
}

function bootWithout(path: string, options: EngineOptions, cause: unknown): Engine {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(path, aside);
  const engine = new Engine(options);
  try {
    engine.boot();
  } catch (error) {
    renameSync(aside, path); // the snapshot was not the reason
    throw error;
  }
  log('error', 'The snapshot is damaged. It is kept aside, and Redis starts EMPTY.', {
    keptAs: aside,
    cause: String(cause),
  });
  return engine;
}

/** Writes `dump.rdb` when something changed: on a timer and at the end. */
export class Snapshots {
  #engine: Engine;
  #folder: string;
  #password: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { engine: Engine; folder: string; password: string }) {
    this.#engine = options.engine;
    this.#folder = options.folder;
    this.#password = options.password;
  }

  every(intervalMs: number): void {
    this.#timer = setTimeout(() => {
      const started = performance.now();
      try {
        this.saveIfChanged();
      } catch (error) {
        log('error', 'The snapshot could not be written; the next try follows.', { cause: String(error) });
      }
      this.every(Math.max(intervalMs, (performance.now() - started) * REST_PER_SAVE));
    }, intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The engine writes a file of another name, fsyncs it and renames it; the name is fsynced here. */
  saveIfChanged(): void {
    const info = String(this.#engine.commands(ownLogin(this.#password), ['INFO', 'persistence'])[1]);
    const changes = /^rdb_changes_since_last_save:(\d+)/m.exec(info)?.[1];
    if (changes === '0') return;
    this.#engine.commands(ownLogin(this.#password), ['SAVE']);
    const folder = openSync(this.#folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
