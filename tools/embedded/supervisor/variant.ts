import type { Child } from '../../launcher/child.mjs';

export type StoreName = 'mongo' | 'redis';

/** Where a server of one variant lives. */
export interface Place {
  readonly folder: string;
  /** 0 as long as none was chosen; afterwards every start uses the same. */
  readonly port: number;
  readonly password: string;
}

export interface Launch {
  readonly command: string[];
  readonly env?: Record<string, string>;
}

/** One way to provide a store. Each keeps its data in a folder of its own, which bears its name. */
export interface Variant {
  readonly name: string;
  readonly store: StoreName;
  /** For people: "redis-server 7.0.15". */
  readonly title: string;
  /** Writes what the server needs in its folder, and says how to start it. */
  prepare(place: Place): Launch | Promise<Launch>;
  /** For servers that cannot be given port 0. */
  readonly choosePort?: () => Promise<number>;
  /** Settles with the port when clients are served; `listening` is the port that the child announced. */
  untilReady(place: Place, child: Child, listening: Promise<number>): Promise<number>;
  /** A request that a living server answers with anything at all, without knowing a password. */
  readonly knock: Uint8Array;
  uri(port: number, password: string): string;
}
