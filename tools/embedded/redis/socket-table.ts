import type { Peer } from './peer.ts';

/** First descriptor of the host: HOST_FD_BASE in the wasm build; below are its own files. */
const FIRST_FD = 4096;
/** AE_READABLE and AE_WRITABLE of Valkey's ae.h. */
const READABLE = 1;
const WRITABLE = 2;
/** A (descriptor, mask) pair of int32, as `poll` exchanges them. */
const PAIR = 2;

/** The socket calls that the wasm build imports from its host, under the names it gives them. */
export interface SocketImports extends WebAssembly.ModuleImports {
  socket(): number;
  listen(fd: number): number;
  accept(fd: number): number;
  read(fd: number, pointer: number, length: number): number;
  write(fd: number, pointer: number, length: number): number;
  close(fd: number): void;
  poll(interest: number, count: number, fired: number, max: number): number;
}

/**
 * Descriptors for the engine. The lowest free one is given out, because the engine indexes a table of
 * fixed size by it: counting upwards would end it after some thousand connections.
 */
export class SocketTable {
  #slots: (Peer | 'listener' | undefined)[] = [];
  #firstFree = 0;
  #waiting: Peer[] = [];
  #memory: () => ArrayBuffer;
  /** Grows with every byte and connection that moved: how the caller sees that a pass did something. */
  moves = 0;

  constructor(memory: () => ArrayBuffer) {
    this.#memory = memory;
  }

  /** Hands a connection to the engine, which accepts it in its next pass. */
  connect(peer: Peer): void {
    this.#waiting.push(peer);
  }

  closeAll(): void {
    for (const slot of this.#slots) if (typeof slot === 'object') slot.close();
    for (const peer of this.#waiting) peer.close();
    this.#slots = [];
    this.#waiting = [];
  }

  get imports(): SocketImports {
    return {
      socket: () => this.#take('listener'),
      listen: () => 0, // the TCP port is ours; the engine only ever sees finished connections
      accept: () => {
        const peer = this.#waiting.shift();
        return peer ? this.#moved(this.#take(peer)) : -1;
      },
      read: (fd, pointer, length) => this.#read(fd, pointer, length),
      write: (fd, pointer, length) => this.#write(fd, pointer, length),
      close: (fd) => this.#close(fd),
      poll: (interest, count, fired, max) => this.#poll(interest, count, fired, max),
    };
  }

  #take(slot: Peer | 'listener'): number {
    const index = this.#firstFree;
    this.#slots[index] = slot;
    do this.#firstFree += 1;
    while (this.#slots[this.#firstFree]);
    return FIRST_FD + index;
  }

  #close(fd: number): void {
    const index = fd - FIRST_FD;
    const slot = this.#slots[index];
    if (!slot) return;
    this.#slots[index] = undefined;
    this.#firstFree = Math.min(this.#firstFree, index);
    if (typeof slot === 'object') slot.close();
  }

  #peer(fd: number): Peer | undefined {
    const slot = this.#slots[fd - FIRST_FD];
    return typeof slot === 'object' ? slot : undefined;
  }

  #read(fd: number, pointer: number, length: number): number {
    const peer = this.#peer(fd);
    return peer ? this.#moved(peer.read(new Uint8Array(this.#memory(), pointer, length))) : -1;
  }

  #write(fd: number, pointer: number, length: number): number {
    const peer = this.#peer(fd);
    if (!peer) return -1;
    const count = peer.write(new Uint8Array(this.#memory(), pointer, length));
    return count > 0 ? this.#moved(count) : count;
  }

  #moved(result: number): number {
    if (result >= 0) this.moves += 1;
    return result;
  }

  #poll(interest: number, count: number, fired: number, max: number): number {
    const asked = new Int32Array(this.#memory(), interest, count * PAIR);
    const answer = new Int32Array(this.#memory(), fired, max * PAIR);
    let found = 0;
    for (let index = 0; index < count && found < max; index += 1) {
      const fd = asked[index * PAIR] as number; // within the array the engine gave
      const ready = this.#readiness(fd) & (asked[index * PAIR + 1] as number);
      if (ready === 0) continue;
      answer[found * PAIR] = fd;
      answer[found * PAIR + 1] = ready;
      found += 1;
    }
    return found;
  }

  #readiness(fd: number): number {
    const slot = this.#slots[fd - FIRST_FD];
    if (slot === undefined) return 0;
    if (slot === 'listener') return this.#waiting.length > 0 ? READABLE : 0;
    return (slot.isReadable ? READABLE : 0) | (slot.isWritable ? WRITABLE : 0);
  }
}
