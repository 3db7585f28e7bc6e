/**
 * Claims promises for the tests of a `describe` block: `describe(verifies('FM-36', 'welcome'), …)`.
 * `test/requirements.spec.ts` reads the claims from the sources and compares them with
 * `docs/requirements.yaml`, so the ids must be string literals.
 */
export function verifies(...idsAndTitle: [string, string, ...string[]]): string {
  const title = idsAndTitle.at(-1) ?? '';
  return `${title} [${idsAndTitle.slice(0, -1).join(' ')}]`;
}
