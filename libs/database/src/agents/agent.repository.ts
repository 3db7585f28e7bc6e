import type { Agent, AgentDefinition, AgentVersion, OwnerScope } from '@flowmate/domain';
import { trusted } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments, type OwnedFilter } from '../documents/owned-documents.js';
import { GATHERED_OPTIONS } from '../documents/gathered-documents.js';
import { Gathered, type Settled } from '../documents/gathered.js';
import { isTaken } from '../documents/taken.js';
import { AGENT_VERSIONS, AGENTS, type AgentDocument, type AgentVersionDocument } from './agent.schema.js';
import { definitionOf, storedDefinition } from './definition.js';
import { anyPlace, freePlace } from './places.js';

export interface NewAgent {
  readonly id: string;
  readonly definition: AgentDefinition;
  readonly createdBy: string;
  readonly at: Date;
  /** How many the workspace may have; `null`: any number. */
  readonly limit: number | null;
  /** A hash of what names the request, and one of what it asks for. */
  readonly request?: { readonly key: string; readonly body: string };
}

/** What became of a wish for an agent. `repeated`: an agent was made for this request before. */
export type AgentCreation = 'created' | 'repeated' | 'full';

export interface AgentFilter {
  /** The beginning of a name, in any case. */
  readonly namePrefix?: string | undefined;
}

interface AgentPlace extends OwnerScope {
  readonly id: string;
}

export interface AgentRequest {
  readonly agentId: string;
  readonly body: string;
}

/** Sorts after whatever else a name may begin with. */
const LAST_CHARACTER = '\u{10FFFF}';
const isLive = { slot: trusted({ $exists: true }) } as const;

const nameKey = (name: string): string => name.toLowerCase();

const agentOf = ({ _id, workspaceId, version, definition, createdBy, createdAt, updatedAt }: AgentDocument): Agent => ({
  id: _id,
  workspaceId,
  version,
  createdBy,
  createdAt,
  updatedAt,
  ...definitionOf(definition),
});

const newestOf = ({ _id, workspaceId, version, definition, savedBy, updatedAt }: AgentDocument): AgentVersion => ({
  agentId: _id,
  workspaceId,
  version,
  createdBy: savedBy,
  createdAt: updatedAt,
  ...definitionOf(definition),
});

const versionOf = ({ _id, schemaVersion, definition, ...rest }: AgentVersionDocument): AgentVersion => ({
  ...rest,
  ...definitionOf(definition),
});

const versionId = (agentId: string, version: number): string => `${agentId}.${version}`;

/**
 * Agents and all their versions. The newest version is in the agent itself; before another one takes its place it is
 * copied to the others, so that there is no moment at which a version cannot be read.
 */
export class AgentRepository {
  private readonly agents: OwnedDocuments<AgentDocument>;
  private readonly versions: OwnedDocuments<AgentVersionDocument>;
  /** For the questions that read a single field of many, or are about all workspaces. */
  private readonly all: SystemDocuments<AgentDocument>;
  private readonly readings: Gathered<AgentPlace, Agent | null>;

  constructor(database: Database) {
    this.agents = new OwnedDocuments(database, AGENTS);
    this.versions = new OwnedDocuments(database, AGENT_VERSIONS);
    this.all = new SystemDocuments(database, AGENTS);
    this.readings = new Gathered((all) => this.findAll(all), GATHERED_OPTIONS);
  }

  async create(owner: OwnerScope, wanted: NewAgent): Promise<AgentCreation> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- again only when somebody else took the place meanwhile
      const slot = wanted.limit === null ? anyPlace() : freePlace(await this.taken(owner, wanted.limit), wanted.limit);
      // A request that is repeated is answered, also when there is no place for another agent.
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (slot === undefined) return (await this.isKnown(owner, wanted.request)) ? 'repeated' : 'full';
      try {
        // oxlint-disable-next-line no-await-in-loop -- see above
        await this.agents.insert(owner, documentOf(wanted, slot));
        return 'created';
      } catch (error) {
        if (!isTaken(error)) throw error;
        // oxlint-disable-next-line no-await-in-loop -- see above
        if (await this.isKnown(owner, wanted.request)) return 'repeated';
      }
    }
  }

  /** The agent that was made for a request, be it deleted meanwhile. */
  async findByRequest(owner: OwnerScope, key: string): Promise<AgentRequest | null> {
    const found = await this.agents.findOne(owner, { 'request.key': key } as OwnedFilter<AgentDocument>);
    return found && { agentId: found._id, body: found.request?.body ?? '' };
  }

  /** Asked with every run that is started, and often for the same agent by many at a time: one reading serves them. */
  find({ workspaceId }: OwnerScope, id: string): Promise<Agent | null> {
    return this.readings.ask({ workspaceId, id });
  }

  /** The latest first. */
  async list(
    owner: OwnerScope,
    { namePrefix = '' }: AgentFilter,
    { before, limit }: { before?: string | undefined; limit: number },
  ): Promise<Agent[]> {
    const key = nameKey(namePrefix);
    const filter = {
      ...isLive,
      ...(key !== '' && { nameKey: trusted({ $gte: key, $lt: `${key}${LAST_CHARACTER}` }) }),
      ...(before !== undefined && { _id: trusted({ $lt: before }) }),
    } as OwnedFilter<AgentDocument>;
    return (await this.agents.list(owner, filter, { sort: { _id: -1 }, limit })).map(agentOf);
  }

  /** Saves the next version if `from` is still the newest; answers the agent as it is then. */
  async save(
    owner: OwnerScope,
    from: Pick<Agent, 'id' | 'version'>,
    { definition, by, at }: { definition: AgentDefinition; by: string; at: Date },
  ): Promise<Agent | null> {
    const filter = { _id: from.id, version: from.version, ...isLive };
    const newest = await this.agents.findOne(owner, filter);
    if (!newest) return null;
    await this.keep(owner, newest);
    const update = {
      version: from.version + 1,
      definition: storedDefinition(definition),
      nameKey: nameKey(definition.name),
      savedBy: by,
      updatedAt: at,
    };
    const saved = await this.agents.change(owner, filter, { $set: update });
    return saved && agentOf(saved);
  }

  /** Answers whether it was there. Its versions stay, for the runs that they explain. */
  remove(owner: OwnerScope, id: string, at: Date): Promise<boolean> {
    return this.agents.update(owner, { _id: id, ...isLive }, { $set: { deletedAt: at }, $unset: { slot: 1 } });
  }

  /** Unscoped: a worker looks after the runs of all workspaces. The latest first. */
  async deletedSinceUnscoped(since: Date, limit: number): Promise<Array<Pick<Agent, 'id' | 'workspaceId'>>> {
    const filter = { deletedAt: trusted({ $gte: since }) };
    const found = await this.all.list(filter, { sort: { deletedAt: -1 }, limit });
    return found.map(({ _id, workspaceId }) => ({ id: _id, workspaceId }));
  }

  /** What a run pins: it is found whatever became of the agent. */
  async findVersion(owner: OwnerScope, agentId: string, version: number): Promise<AgentVersion | null> {
    const agent = await this.agents.findOne(owner, { _id: agentId });
    if (agent?.version === version) return newestOf(agent);
    const found = await this.versions.findOne(owner, { _id: versionId(agentId, version) });
    return found && versionOf(found);
  }

  /** The newest first; `null` when there is no such agent. */
  async listVersions(
    owner: OwnerScope,
    agentId: string,
    { before = Infinity, limit }: { before?: number | undefined; limit: number },
  ): Promise<AgentVersion[] | null> {
    const agent = await this.agents.findOne(owner, { _id: agentId, ...isLive });
    if (!agent) return null;
    const newest = agent.version < before ? [newestOf(agent)] : [];
    // A copy of the newest is what a save that was cut off has left.
    const older = { agentId, version: trusted({ $lt: Math.min(before, agent.version) }) };
    const found = await this.versions.list(owner, older as OwnedFilter<AgentVersionDocument>, {
      sort: { version: -1 },
      limit,
    });
    return [...newest, ...found.map(versionOf)].slice(0, limit);
  }

  async eraseAll(owner: OwnerScope): Promise<void> {
    await this.versions.deleteAll(owner);
    await this.agents.deleteAll(owner);
  }

  /** Each workspace by a query of its own: none can be shown another's. */
  private findAll(all: readonly AgentPlace[]): Promise<Settled<Agent | null>> {
    const byWorkspace = Map.groupBy(all, ({ workspaceId }) => workspaceId);
    const found = new Map([...byWorkspace].map(([workspaceId, places]) => [workspaceId, this.findThese(places)]));
    return Promise.allSettled(
      all.map(async ({ workspaceId, id }) => (await found.get(workspaceId))?.find((agent) => agent.id === id) ?? null),
    );
  }

  private async findThese(places: readonly AgentPlace[]): Promise<Agent[]> {
    const [owner, ...others] = places;
    if (!owner) return [];
    if (others.every(({ id }) => id === owner.id)) {
      const found = await this.agents.findOne(owner, { _id: owner.id, ...isLive });
      return found ? [agentOf(found)] : [];
    }
    const _id = trusted({ $in: [...new Set(places.map(({ id }) => id))] });
    const filter = { _id, ...isLive } as OwnedFilter<AgentDocument>;
    return (await this.agents.list(owner, filter, { sort: { _id: 1 }, limit: places.length })).map(agentOf);
  }

  private async taken({ workspaceId }: OwnerScope, limit: number): Promise<number[]> {
    const stages = [{ $sort: { slot: 1 as const } }, { $limit: limit }, { $project: { _id: 0, slot: 1 } }];
    const found = await this.all.join<{ slot: number }>({ workspaceId, ...isLive }, stages);
    return found.map(({ slot }) => slot);
  }

  private async isKnown(owner: OwnerScope, request: NewAgent['request']): Promise<boolean> {
    return request !== undefined && (await this.findByRequest(owner, request.key)) !== null;
  }

  private async keep(
    owner: OwnerScope,
    { _id, version, definition, savedBy, updatedAt }: AgentDocument,
  ): Promise<void> {
    const copy = { agentId: _id, version, definition, createdBy: savedBy, createdAt: updatedAt };
    try {
      await this.versions.insert(owner, { _id: versionId(_id, version), schemaVersion: 1, ...copy });
    } catch (error) {
      // Whoever was here before has written the same: a version never changes.
      if (!isTaken(error)) throw error;
    }
  }
}

function documentOf(
  { id, definition, createdBy, at, request }: NewAgent,
  slot: number,
): Omit<AgentDocument, 'workspaceId'> {
  return {
    _id: id,
    schemaVersion: 1,
    version: 1,
    definition: storedDefinition(definition),
    nameKey: nameKey(definition.name),
    slot,
    savedBy: createdBy,
    createdBy,
    createdAt: at,
    updatedAt: at,
    ...(request && { request }),
  };
}
