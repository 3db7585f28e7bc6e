export type Level = 'info' | 'warn' | 'error';

/** One JSON object per line on stderr; stdout belongs to the ready line. */
export function log(level: Level, message: string, details: Record<string, unknown> = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...details })}\n`);
}
