import { toolSchema } from './tool-schema.js';
import type { Tool, ToolManifest } from './tool.js';

/** A word, a dot, a word: closed, so that look-alikes of other alphabets are unknown. */
const TOOL_ID = /^[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_]*)+$/;
/** The silence that outgoing calls are allowed. */
const USUAL_TIMEOUT_MS = 15_000;
/** What one result in the journal may hold. */
const MAX_OUTPUT_BYTES = 64 * 1_024;
/** A lookup right after the timeout would find nothing of a call that is still under way. */
const SETTLE_TIMEOUTS = 2;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/** The compiler says the same of tools that are written here, and nothing of those that were put together. */
function effectsProblem(
  { risk, class: idempotency, settleMs, timeoutMs }: ToolManifest,
  tool: Tool,
): string | undefined {
  if (!['read', 'write', 'external', 'destructive'].includes(risk)) return 'has no risk';
  if (!['R', 'A', 'B', 'C'].includes(idempotency)) return 'has no idempotency class';
  if ((risk === 'read') !== (idempotency === 'R')) return 'is of class R if and only if it only reads';
  if (idempotency !== 'B') return undefined;
  if (!tool.reconcile) return 'is of class B and cannot be looked up';
  if (settleMs === undefined || settleMs < SETTLE_TIMEOUTS * timeoutMs)
    return 'settles sooner than two of its timeouts';
  return undefined;
}

function limitsProblem({ timeoutMs, slowBecause, outputBytes }: ToolManifest): string | undefined {
  if (!isCount(timeoutMs)) return 'has no timeout';
  if (timeoutMs > USUAL_TIMEOUT_MS && !slowBecause) return 'takes longer than others and does not say why';
  if (!isCount(outputBytes) || outputBytes > MAX_OUTPUT_BYTES) return 'has no output limit, or one above 64 KB';
  return undefined;
}

function schemaProblem(manifest: ToolManifest): string | undefined {
  const { type, additionalProperties } = toolSchema(manifest);
  if (type !== 'object' || additionalProperties !== false) return 'takes arguments that are no strict object';
  return undefined;
}

function problemOf(tool: Tool): string | undefined {
  const { manifest } = tool;
  if (!TOOL_ID.test(manifest.id)) return 'has an id that is none';
  if (manifest.title.trim() === '' || manifest.description.trim() === '') return 'does not say what it is for';
  return effectsProblem(manifest, tool) ?? limitsProblem(manifest) ?? schemaProblem(manifest);
}

/** The tools there are. Asks with a workspace and later: one day some tools belong to one workspace and lie elsewhere. */
export class ToolRegistry {
  private readonly byId: ReadonlyMap<string, Tool>;

  /** Throws a TypeError that names the tool: a process with such a tool does not start. */
  constructor(tools: readonly Tool[]) {
    const byId = new Map<string, Tool>();
    for (const tool of tools) {
      const { id } = tool.manifest;
      const problem = byId.has(id) ? 'is there twice' : problemOf(tool);
      if (problem) throw new TypeError(`The tool ${id} ${problem}.`);
      byId.set(id, tool);
    }
    this.byId = byId;
  }

  find(_workspaceId: string, id: string): Promise<Tool | undefined> {
    return Promise.resolve(this.byId.get(id));
  }

  /** In the order in which they were given. */
  list(_workspaceId: string): Promise<readonly Tool[]> {
    return Promise.resolve([...this.byId.values()]);
  }
}
