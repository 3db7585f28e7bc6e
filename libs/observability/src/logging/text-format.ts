import type { LogDestination } from './log-sink.js';

type Line = Record<string, unknown>;

/** Said once per process in its first line, or shown in another place of the line. */
const NOT_REPEATED = new Set(['level', 'time', 'msg', 'service', 'environment', 'correlationId', 'error']);
const REQUEST = new Set(['method', 'path', 'status', 'duration_ms', 'route']);

/** Turns the JSON lines into lines for people: the same content, so the same rules of what may be told. */
export class TextFormat implements LogDestination {
  constructor(private readonly out: LogDestination) {}

  write(line: string): void {
    this.out.write(`${textLine(JSON.parse(line) as Line)}\n`);
  }
}

function textLine(line: Line): string {
  const head = `${secondsOf(line['time'])} ${line['level']} [${line['correlationId'] ?? '-'}]`;
  const request = line['msg'] === 'request' && line['method'] !== undefined;
  const said = request
    ? `${line['method']} ${line['path']} - ${line['status']} (${Math.round(Number(line['duration_ms']))}ms)`
    : String(line['msg']);
  return `${head} ${said}${pairs(line, request)}${errorText(line['error'], '')}`;
}

function secondsOf(time: unknown): string {
  return String(time).replace(/\.\d+Z$/, 'Z');
}

function pairs(line: Line, request: boolean): string {
  return Object.entries(line)
    .filter(([name]) => !NOT_REPEATED.has(name) && !(request && REQUEST.has(name)))
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join('');
}

/** The one thing that takes several lines. Each begins with spaces, so none can pass for a line of its own. */
function errorText(error: unknown, label: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const { name, code, message, stack, details, cause } = error as Line;
  const frames = typeof stack === 'string' ? stack.split('\n').map((frame) => `\n      ${frame}`) : [];
  const extra = typeof details === 'object' && details !== null ? pairs(details as Line, false) : '';
  const title = `${String(name)}${code === undefined ? '' : ` (${String(code)})`}: ${String(message)}`;
  return `\n    ${label}${title}${extra}${frames.join('')}${errorText(cause, 'caused by ')}`;
}
