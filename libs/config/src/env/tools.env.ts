import { FromEnv } from '../setting.js';
import { list } from '../setting-kinds.js';
import { IsOrigin } from '../validators.js';

export class ToolsEnv {
  static readonly title = 'Tools';

  @FromEnv('TOOL_KEYED_ORIGINS', {
    kind: list,
    doc: 'Origins that honour the header `Idempotency-Key`, comma-separated and exact. A POST or PATCH of `http.request` to them may be sent again after a failure; to others a person decides.',
    default: [],
    example: 'https://api.example.com',
  })
  @IsOrigin({ each: true })
  keyedOrigins: readonly string[];
}
