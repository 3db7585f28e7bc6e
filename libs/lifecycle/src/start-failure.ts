const FAILED = 1;
/** What a Unix process can end with. */
const MAX_EXIT_CODE = 255;

/** Errors may choose how the process ends, such as 78 for a configuration that cannot work. */
export function exitCodeOf(error: unknown): number {
  const code = property(error, 'exitCode');
  return typeof code === 'number' && Number.isInteger(code) && code > 0 && code <= MAX_EXIT_CODE ? code : FAILED;
}

/** A start that failed for a reason an operator can remove is explained in these lines, without a stack. */
export function explanationOf(error: unknown, settingOfPort: (port: number) => string): string[] | undefined {
  if (!(error instanceof Error)) return undefined;
  if (property(error, 'exitCode') !== undefined) return error.message.split('\n');
  const port = property(error, 'port');
  if (property(error, 'code') !== 'EADDRINUSE' || typeof port !== 'number') return undefined;
  const setting = settingOfPort(port);
  return [`Port ${port} is in use by another program. End that program, or start with ${setting}=<another port>.`];
}

function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
