/** The server's word for a unique key that another document already has. */
const DUPLICATE_KEY = 11_000;

/** Whether a write was refused because its key is taken: for many promises the proof that somebody else kept them. */
export function isTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}

/** How many documents of an ordered insert were inserted before the one whose key is taken. */
export function insertedBefore(error: unknown): number | undefined {
  const result = typeof error === 'object' && error !== null && 'result' in error ? error.result : undefined;
  const count = typeof result === 'object' && result !== null && 'insertedCount' in result ? result.insertedCount : 0;
  return typeof count === 'number' ? count : undefined;
}
