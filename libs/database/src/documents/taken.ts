/** The server's word for a unique key that another document already has. */
const DUPLICATE_KEY = 11_000;

/** Whether a write was refused because its key is taken: for many promises the proof that somebody else kept them. */
export function isTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}
