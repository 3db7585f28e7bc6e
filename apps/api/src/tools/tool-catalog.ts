import { Injectable } from '@nestjs/common';
import { defaultPolicy, type JsonSchema, type OwnerScope, type Policy } from '@flowmate/domain';
import { ToolRegistry, toolSchema, type ToolManifest } from '@flowmate/tools';

export type DescribedTool = Pick<
  ToolManifest,
  'id' | 'title' | 'description' | 'risk' | 'class' | 'scopes' | 'timeoutMs' | 'outputBytes'
> & {
  readonly defaultPolicy: Policy;
  readonly parameters: JsonSchema;
};

/** What tools there are for a workspace. They are only told about here: a worker runs them. */
@Injectable()
export class ToolCatalog {
  constructor(private readonly registry: ToolRegistry) {}

  async list({ workspaceId }: OwnerScope): Promise<DescribedTool[]> {
    return (await this.registry.list(workspaceId)).map(({ manifest }) => described(manifest));
  }

  /** Those of the ids that are no tool of the workspace. */
  async unknown({ workspaceId }: OwnerScope, ids: readonly string[]): Promise<string[]> {
    const found = await Promise.all(ids.map((id) => this.registry.find(workspaceId, id)));
    return ids.filter((_, index) => found[index] === undefined);
  }
}

function described(manifest: ToolManifest): DescribedTool {
  const { id, title, description, risk, class: idempotency, scopes, timeoutMs, outputBytes } = manifest;
  return {
    id,
    title,
    description,
    risk,
    class: idempotency,
    defaultPolicy: defaultPolicy(risk, idempotency),
    scopes,
    parameters: toolSchema(manifest),
    timeoutMs,
    outputBytes,
  };
}
