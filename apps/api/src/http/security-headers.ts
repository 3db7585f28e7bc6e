/** An answer that is data may load, frame and run nothing. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Two years, the minimum for the browsers' preload lists. Only production is known to be behind TLS. */
const HSTS = 'max-age=63072000; includeSubDomains';

/** Headers of every answer. Pages replace the policy by their own, listed beside the page. */
export function securityHeaders(production: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-site',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': 'no-store',
    ...(production ? { 'strict-transport-security': HSTS } : {}),
  };
}
