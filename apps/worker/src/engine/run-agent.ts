import type { AgentRepository } from '@flowmate/database';
import type { AgentVersion, RunOrigin } from '@flowmate/domain';
import type { ModelTool } from '@flowmate/llm';
import { toolSchema, type Tool, type ToolRegistry } from '@flowmate/tools';

/** What a run works with: the version that it pins, with its tools as the model is shown them. */
export interface RunAgent {
  readonly definition: AgentVersion;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly shown: readonly ModelTool[];
}

/** Versions of agents that are at work; each is a few kilobytes. */
const KEPT = 1_000;

/** Versions never change, so each is read once; the latest used are kept. */
export class RunAgents {
  private readonly known = new Map<string, Promise<RunAgent | null>>();

  constructor(
    private readonly agents: Pick<AgentRepository, 'findVersion'>,
    private readonly registry: ToolRegistry,
  ) {}

  /** Nothing when there is no such version (any more). */
  async of({ workspaceId, agentId, agentVersion }: RunOrigin): Promise<RunAgent | null> {
    const key = `${workspaceId} ${agentId} ${agentVersion}`;
    const known = this.known.get(key);
    if (known) {
      this.known.delete(key);
      this.known.set(key, known);
      return known;
    }
    const reading = this.read({ workspaceId, agentId, agentVersion });
    this.known.set(key, reading);
    if (this.known.size > KEPT) this.forgetOldest();
    try {
      const found = await reading;
      if (!found) this.known.delete(key);
      return found;
    } catch (error) {
      this.known.delete(key);
      throw error;
    }
  }

  private forgetOldest(): void {
    for (const key of this.known.keys()) {
      this.known.delete(key);
      return;
    }
  }

  private async read(run: Pick<RunOrigin, 'workspaceId' | 'agentId' | 'agentVersion'>): Promise<RunAgent | null> {
    const definition = await this.agents.findVersion(run, run.agentId, run.agentVersion);
    if (!definition) return null;
    const tools = new Map<string, Tool>();
    const found = await Promise.all(definition.tools.map((id) => this.registry.find(run.workspaceId, id)));
    for (const tool of found) if (tool) tools.set(tool.manifest.id, tool);
    const shown = [...tools.values()].map(({ manifest }) => ({
      id: manifest.id,
      description: manifest.description,
      parameters: toolSchema(manifest),
    }));
    return { definition, tools, shown };
  }
}
