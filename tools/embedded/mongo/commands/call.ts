import type { Doc, Value } from '../semantics/value.ts';
import type { Client } from '../server/client.ts';
import type { Credential } from '../server/scram.ts';
import type { Store } from '../storage/index.ts';
import type { ClusterClock } from './clock.ts';
import type { Cursors } from './cursors.ts';
import type { Rule } from './fields.ts';

/** The session and, of a retryable write, its number. */
export interface Session {
  readonly id: string;
  readonly txnNumber: bigint | undefined;
}

/** One command as asked, its general options already read. */
export interface Call {
  readonly name: string;
  readonly db: string;
  readonly command: Doc;
  readonly sequences: ReadonlyMap<string, readonly Doc[]>;
  /** How deep the message nests: what is not deeper than a document may be needs no further look. */
  readonly depth: number;
  readonly client: Client;
  readonly session: Session | undefined;
  /** From `maxTimeMS`, in milliseconds of `performance.now()`. */
  readonly deadline: number | undefined;
}

export interface Services {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly clock: ClusterClock;
  readonly credential: Credential;
  readonly connections: () => { readonly open: number; readonly total: number };
  readonly port: () => number;
  readonly startedAt: number;
  /** What begins from now on is refused, so that the driver goes elsewhere or comes again. */
  readonly stopping: () => boolean;
}

export type Reply = Record<string, Value>;

export interface Command {
  /** Its own fields; those every command has are known to the dispatcher. */
  readonly fields: Readonly<Record<string, Rule>>;
  readonly run: (call: Call, services: Services) => Reply | Promise<Reply>;
  /** Takes any field: of a hello an unknown offer is left out of the answer, as in MongoDB; others look for themselves. */
  readonly lenient?: true;
  /** May be asked before the password was given. */
  readonly open?: true;
  /** A write, whose resend with the same number is answered from memory. */
  readonly retryable?: true;
  /** Takes a write concern. */
  readonly writes?: true;
}
