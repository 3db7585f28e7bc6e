import { WASI } from 'node:wasi';
import { InternalPeer, type Peer } from './peer.ts';
import { encodeCommand, isReplyError, ReplyReader, type Reply } from './resp.ts';
import { SocketTable } from './socket-table.ts';

/** Exports of the wasm build: `rk_boot` is main() without its loop, `rk_step` one pass of the loop. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  rk_boot(port: number): number;
  rk_step(): number;
}

/**
 * Replies leave in the pass after the one that made them. After this many passes other events of this
 * process get their turn: timers, new connections, signals.
 */
const PASSES_PER_TURN = 16;
/** Accept, read, answer and flush take four; a command that waits for something never answers. */
const PASSES_PER_COMMAND = 64;
/** serverCron runs ten times a second; blocked clients time out at this resolution. */
const TICK_MS = 20;
const STDOUT = 1;
const STDERR = 2;
/** A WASI `ciovec`: pointer and length, 4 bytes each. */
const IOVEC_BYTES = 8;

/** The engine called exit(): on SHUTDOWN, on a damaged snapshot, on an inner fault. */
class EngineExit extends Error {
  readonly code: number;

  constructor(code: number, lastLines: readonly string[]) {
    super([`The engine ended with code ${code}.`, ...lastLines].join('\n'));
    this.code = code;
  }
}

export interface EngineOptions {
  readonly module: WebAssembly.Module;
  /** Holds `dump.rdb`; the only folder the engine can see. */
  readonly folder: string;
  /** Shown as `tcp_port` in INFO. */
  readonly port: number;
  readonly onLine: (line: string) => void;
  /** Asked while a script holds everything up: whether there is nobody left who would end it. */
  readonly isAbandoned: () => boolean;
}

/** Valkey inside this process. Nothing here blocks, except for as long as a command itself takes. */
export class Engine {
  #options: EngineOptions;
  #exports: Exports | undefined;
  #table = new SocketTable(() => this.#memory());
  #lastLines: string[] = [];
  #partialLine = '';
  #isScheduled = false;
  #pollsOfPass = 0;
  #tick: NodeJS.Timeout | undefined;
  #onFault: (error: unknown) => never = (error) => {
    throw error;
  };

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Loads the snapshot, if there is one. Throws `EngineExit` when the engine refuses to start. */
  boot(): void {
    const wasi = new WASI({ version: 'preview1', args: ['valkey-server'], preopens: { '/': this.#options.folder } });
    const instance = new WebAssembly.Instance(this.#options.module, {
      wasi_snapshot_preview1: this.#wasiImports(wasi),
      host: this.#hostImports(),
      env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) }, // Lua's error(), see the package's README
    });
    // The wasm file is a fixed dependency; its exports are listed above.
    this.#exports = instance.exports as unknown as Exports;
    wasi.initialize(instance);
    const code = this.#exports.rk_boot(this.#options.port);
    if (code !== 0) throw new EngineExit(code, this.#lastLines);
  }

  /** From here on connections are served. `onFault`: the engine ended, its state is lost. */
  run(onFault: (error: unknown) => never): void {
    this.#onFault = onFault;
    this.#tick = setInterval(() => this.#drive(1), TICK_MS);
  }

  halt(): void {
    clearInterval(this.#tick);
    this.#tick = undefined;
    this.#table.closeAll();
  }

  connect(peer: Peer): void {
    this.#table.connect(peer);
    this.wake();
  }

  /** Something arrived: one turn of the event loop gathers all that arrived with it. */
  wake(): void {
    if (this.#isScheduled || !this.#tick) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#drive(2);
    });
  }

  /** Runs commands on a connection of their own, in order, and returns their replies at once. */
  commands(...lines: readonly (readonly string[])[]): Reply[] {
    const reader = new ReplyReader();
    const peer = new InternalPeer(Buffer.concat(lines.map(encodeCommand)), (bytes) => reader.push(bytes));
    const replies: Reply[] = [];
    this.#table.connect(peer);
    for (let pass = 0; pass < PASSES_PER_COMMAND && replies.length < lines.length; pass += 1) {
      this.#step();
      for (let reply = reader.take(); reply !== undefined; reply = reader.take()) replies.push(reply);
    }
    peer.hangUp();
    this.#step();
    const failed = replies.find(isReplyError);
    if (failed) throw new Error(failed.error);
    if (replies.length < lines.length) throw new Error('The engine did not answer.');
    return replies;
  }

  #memory(): ArrayBuffer {
    if (!this.#exports) throw new Error('The engine has not been started.');
    return this.#exports.memory.buffer;
  }

  /** After an exception in the middle of a command nothing in there can be trusted any more. */
  #step(): void {
    this.#pollsOfPass = 0;
    try {
      this.#exports?.rk_step();
    } catch (error) {
      this.halt();
      this.#onFault(error);
    }
  }

  /** Passes until one moved nothing, at least `least` of them. */
  #drive(least: number): void {
    for (let pass = 1; pass <= PASSES_PER_TURN; pass += 1) {
      const before = this.#table.moves;
      this.#step();
      if (!this.#tick || (this.#table.moves === before && pass >= least)) return;
    }
    this.wake();
  }

  /** A pass polls once; a slow script again and again, and meanwhile nothing else of this process runs. */
  #hostImports(): WebAssembly.ModuleImports {
    const own = this.#table.imports;
    return {
      ...own,
      poll: (interest: number, count: number, fired: number, max: number) => {
        this.#pollsOfPass += 1;
        if (this.#pollsOfPass > 1 && this.#exports && this.#options.isAbandoned()) {
          throw new Error('A script ran on after the supervisor had ended.');
        }
        return own.poll(interest, count, fired, max);
      },
    };
  }

  #wasiImports(wasi: WASI): WebAssembly.ModuleImports {
    const own = wasi.wasiImport as WebAssembly.ModuleImports & { fd_write(...args: number[]): number };
    return {
      ...own,
      proc_exit: (code: number) => {
        throw new EngineExit(code, this.#lastLines);
      },
      fd_write: (fd: number, vectors: number, count: number, written: number) =>
        fd === STDOUT || fd === STDERR
          ? this.#print(vectors, count, written)
          : own.fd_write(fd, vectors, count, written),
    };
  }

  #print(vectors: number, count: number, written: number): number {
    const view = new DataView(this.#memory());
    let total = 0;
    for (let index = 0; index < count; index += 1) {
      const at = vectors + index * IOVEC_BYTES;
      const length = view.getUint32(at + 4, true);
      this.#partialLine += Buffer.from(this.#memory(), view.getUint32(at, true), length).toString();
      total += length;
    }
    view.setUint32(written, total, true);
    const lines = this.#partialLine.split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    return 0;
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    this.#lastLines = [...this.#lastLines, line].slice(-10); // as many as a refused start prints
    this.#options.onLine(line);
  }
}
