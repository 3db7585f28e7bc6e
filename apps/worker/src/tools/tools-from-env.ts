import { AppEnv, EgressEnv, EncryptionEnv, ToolsEnv, type Environment } from '@flowmate/config';
import {
  MembershipRepository,
  MemoryRepository,
  OutboxRepository,
  UserRepository,
  type Database,
} from '@flowmate/database';
import { egressFromEnv } from '@flowmate/egress';
import { Outbox, SealedData } from '@flowmate/mail';
import { builtInTools, ToolRegistry, type Tool } from '@flowmate/tools';
import { AgentMemories } from './agent-memories.js';
import { MemberNotices } from './member-notices.js';

export interface ToolsSetup {
  readonly env: Environment;
  readonly database: Database;
  /** Tells that a mail waits; it may be lost. */
  readonly ring: (outboxId: string) => void;
  /** Besides the built-in ones. */
  readonly more?: readonly Tool[];
}

export interface WorkerTools {
  readonly registry: ToolRegistry;
  /** Ends what tools still have under way. */
  readonly close: () => Promise<void>;
}

/** All tools, bound to this worker's stores. Throws when one of them is not as tools must be. */
export function toolsFromEnv({ env, database, ring, more = [] }: ToolsSetup): WorkerTools {
  // No trusted origins: what a model asks for must not reach what the operator trusts.
  const client = egressFromEnv({ app: env.get(AppEnv), egress: env.get(EgressEnv) });
  const repository = new OutboxRepository(database);
  const outbox = new Outbox({ repository, sealed: new SealedData(env.get(EncryptionEnv)), ring });
  const [users, memberships] = [new UserRepository(database), new MembershipRepository(database)];
  const tools = builtInTools({
    client,
    keyedOrigins: env.get(ToolsEnv).keyedOrigins,
    memories: new AgentMemories(new MemoryRepository(database)),
    notices: new MemberNotices({ users, memberships, outbox }),
  });
  return { registry: new ToolRegistry([...tools, ...more]), close: () => client.close() };
}
