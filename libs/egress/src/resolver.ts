import { lookup, Resolver } from 'node:dns/promises';

/** Who named the host: a stranger, or the operator in the configuration. */
export type NameSource = 'public' | 'trusted';

/** All addresses of a name. Injectable, so that tests answer what an attacker's server would. */
export type Resolve = (hostname: string, source: NameSource) => Promise<readonly string[]>;

/** Two tries of 1 s, then 2 s by back-off: done before the 5 s a connection may take in all. */
const QUERY_TIMEOUT_MS = 1_000;
const QUERY_TRIES = 2;

/**
 * A stranger's name goes straight to DNS: no hosts file, no cluster search list, and no thread of the
 * pool that file and crypto work share, which a slow name server could otherwise hold. The operator's
 * names are resolved as the machine resolves them.
 */
export function systemResolver(servers?: readonly string[]): Resolve {
  const dns = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (servers) dns.setServers(servers);
  return async (hostname, source) => {
    if (source === 'trusted') return (await lookup(hostname, { all: true })).map(({ address }) => address);
    const answers = await Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (addresses.length === 0 && failure) throw failure.reason;
    return addresses;
  };
}
