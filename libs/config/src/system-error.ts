/** Whether a caught value is a system error of this code. By shape: a test runner's realm has an `Error` of its own. */
export function isSystemError(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
