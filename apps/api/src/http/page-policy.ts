/** What a page of ours may load: files of this origin as far as it has any, and nothing else from anywhere. */
export function pagePolicy({ script, connect }: { readonly script: boolean; readonly connect: boolean }): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    ...(script ? ["script-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"] : []),
    ...(connect ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
