export interface LogLine {
  readonly store: string;
  /** `debug`: what an installed server prints, which names no level that could be trusted. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export type Log = (line: LogLine) => void;

/** A line that a server printed: our own print JSON, others text. */
export function childLine(store: string, text: string, isError: boolean): LogLine {
  const parsed = parseObject(text);
  const { level, message, time: _time, ...details } = parsed ?? {};
  if (typeof message !== 'string') return { store, level: isError ? 'warn' : 'debug', message: text };
  const more = Object.entries(details).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return { store, level: isLevel(level) ? level : 'info', message: message + more.join('') };
}

/** The port in the one line with which our own servers say that they accept connections. */
export function listeningPort(text: string): number | undefined {
  const listening = parseObject(text)?.['listening'];
  if (typeof listening !== 'object' || listening === null || !('port' in listening)) return undefined;
  return typeof listening.port === 'number' ? listening.port : undefined;
}

function isLevel(value: unknown): value is LogLine['level'] {
  return value === 'info' || value === 'warn' || value === 'error';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>; // it starts with a brace, so it is an object
  } catch {
    return undefined; // only looks like JSON
  }
}
