import { IsIn } from 'class-validator';
import { FromEnv } from '../setting.js';
import { text } from '../setting-kinds.js';

export class LogEnv {
  static readonly title = 'Logs';

  @FromEnv('LOG_LEVEL', {
    kind: text,
    doc: 'Least level that is written: debug, info, warn or error.',
    default: 'info',
  })
  @IsIn(['debug', 'info', 'warn', 'error'])
  level: 'debug' | 'info' | 'warn' | 'error';

  @FromEnv('LOG_FORMAT', {
    kind: text,
    doc: 'json for machines, text for people. Logs go to standard output; files are the collector’s business.',
    default: 'json',
  })
  @IsIn(['json', 'text'])
  format: 'json' | 'text';
}
