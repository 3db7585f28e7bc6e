import type { JsonSchema } from '@flowmate/domain';
import { z } from 'zod';
import type { ToolManifest } from './tool.js';

const schemas = new WeakMap<ToolManifest, JsonSchema>();

/**
 * The arguments as models are shown them. Without `$schema`: providers take the keywords of all drafts and some refuse
 * the one that names a draft. Throws for a schema that JSON Schema cannot say.
 */
export function toolSchema(manifest: ToolManifest): JsonSchema {
  const known = schemas.get(manifest);
  if (known) return known;
  const { $schema: _draft, ...schema } = z.toJSONSchema(manifest.args, { io: 'input' });
  schemas.set(manifest, schema);
  return schema;
}
