import { randomUUID } from 'node:crypto';
import {
  MongoClient,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
  type MongoClientOptions,
  type MongoServerError,
} from 'mongodb';
import { testStores } from '@flowmate/testing';

/** A database of its own on the store that the tests run against: the embedded one, or what `MONGODB_URI` names. */
export class ContractStore {
  readonly name = `contract_${randomUUID().slice(0, 8)}`;
  private readonly clients: MongoClient[] = [];
  private readonly client: MongoClient;

  constructor() {
    this.client = this.connect();
  }

  get uri(): string {
    return testStores().mongoUri;
  }

  /** With the options of the repositories: acknowledged by the majority, on disk, retried once. */
  connect(options: MongoClientOptions = {}, uri = this.uri): MongoClient {
    const client = new MongoClient(uri, {
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      serverSelectionTimeoutMS: 5_000,
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  get db(): Db {
    return this.client.db(this.name);
  }

  /** A collection that no other test has. */
  collection<T extends Document = Document>(): Collection<T> {
    return this.db.collection<T>(`c_${randomUUID().slice(0, 8)}`);
  }

  session<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    return this.client.withSession(work);
  }

  transaction(work: (session: ClientSession) => Promise<unknown>): Promise<unknown> {
    return this.client.withSession((session) => session.withTransaction(work));
  }

  async isEmbedded(): Promise<boolean> {
    const { flowmateEmbedded } = await this.db.admin().buildInfo();
    return flowmateEmbedded === true;
  }

  async dispose(): Promise<void> {
    await this.db.dropDatabase();
    await Promise.all(this.clients.map((client) => client.close()));
  }
}

/** So many at once are what 20 workers on one store look like. */
export const CROWD = Array.from({ length: 20 }, (_, i) => i);

/** What a store refuses with; nothing when it does not refuse. */
export const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as MongoServerError).code;
  }
};
