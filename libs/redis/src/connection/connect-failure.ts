const BY_SYSTEM_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at the address',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  ECONNRESET: 'the connection is cut',
  EPIPE: 'the connection is cut',
  ENETUNREACH: 'the network is not reachable',
  EHOSTUNREACH: 'the host is not reachable',
};

/** What Redis itself answers, by how it begins. */
const BY_ANSWER: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(WRONGPASS|ERR invalid password)/, 'the user name or the password is wrong'],
  [/^NOAUTH/, 'it asks for a password and REDIS_URL has none'],
  [/^NOPERM/, 'the user may not do what is asked'],
  [/^LOADING/, 'it is still loading its data'],
  [/^READONLY/, 'it is a replica, which takes no writes'],
  [/^(MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN)/, 'its cluster is not whole'],
  [/^OOM/, 'its memory is full'],
  [/^MISCONF/, 'it cannot write to its disk'],
  [/^BUSY/, 'it is busy with a script'],
  [/^ERR max number of clients/, 'it has no connection left'],
  [/^DENIED/, 'it takes connections from its own machine only'],
  [/^(Protocol error|ERR unknown command 'GET|HTTP\/)/i, 'what listens there is no Redis'],
];

/** Why Redis cannot be used, in words of ours: those of the client hold addresses and arguments. */
export function reasonOf(error: unknown): string {
  const { code, message, name } = (error ?? {}) as { code?: unknown; message?: unknown; name?: unknown };
  const known = typeof code === 'string' ? BY_SYSTEM_CODE[code] : undefined;
  if (known) return known;
  if (typeof code === 'string' && /CERT|TLS|SSL|SELF_SIGNED|ISSUER|EPROTO/.test(code)) return 'TLS cannot be agreed on';
  if (name === 'ParserError') return 'what listens there is no Redis';
  const answered = BY_ANSWER.find(([start]) => typeof message === 'string' && start.test(message));
  return answered?.[1] ?? 'it does not answer in time';
}

/** True when the database number of the settings does not exist there; the client would go on with number 0. */
export const isUnknownDatabase = (error: unknown): boolean =>
  /^ERR (DB index is out of range|invalid DB index)/.test(String((error as { message?: unknown } | null)?.message));
