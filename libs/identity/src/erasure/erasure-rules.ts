/** What becomes of the documents of a collection when a person or a workspace is erased. */
export interface ErasureRule {
  /** Removed with the person they are about. */
  readonly withPerson: boolean;
  /** Removed with the workspace they belong to. */
  readonly withWorkspace: boolean;
  /** For people: what is in there, and why what stays may stay. */
  readonly holds: string;
}

/** Every collection there is: a test compares this list with those that exist. */
export const ERASURE_RULES: Readonly<Record<string, ErasureRule>> = {
  agent_versions: {
    withPerson: false,
    withWorkspace: true,
    holds: 'earlier versions of agents; like the agents they name who saved them by id only',
  },
  agents: { withPerson: false, withWorkspace: true, holds: 'agents, deleted ones too, for the runs that they explain' },
  api_keys: { withPerson: true, withWorkspace: true, holds: 'API keys, hashed' },
  audit: {
    withPerson: false,
    withWorkspace: false,
    holds: 'the audit trail, which names people by id only; it has a time of its own',
  },
  audit_heads: { withPerson: false, withWorkspace: false, holds: 'where each audit trail begins and ends' },
  canaries: { withPerson: false, withWorkspace: false, holds: 'signs of life of workers' },
  idempotency_keys: {
    withPerson: false,
    withWorkspace: true,
    holds: 'hashes of keys that callers gave their requests, and the answers, encrypted; each is gone after a day',
  },
  instance: { withPerson: false, withWorkspace: false, holds: 'whether the instance is locked' },
  invites: { withPerson: true, withWorkspace: true, holds: 'open invites, by address' },
  memberships: { withPerson: true, withWorkspace: true, holds: 'who belongs to which workspace' },
  memories: { withPerson: false, withWorkspace: true, holds: 'texts that agents keep between their runs' },
  oidc_flows: {
    withPerson: false,
    withWorkspace: false,
    holds: 'sign-ins at a provider that are under way; each is gone minutes after it was begun',
  },
  outbox: { withPerson: true, withWorkspace: false, holds: 'mails, encrypted, by address' },
  payloads: { withPerson: false, withWorkspace: true, holds: 'long texts of runs' },
  runs: {
    withPerson: false,
    withWorkspace: true,
    holds:
      'runs of agents and their journals, which name who started and decided by id only; they have a time of their own',
  },
  sessions: { withPerson: true, withWorkspace: false, holds: 'sessions with device and network address' },
  sign_in_links: { withPerson: true, withWorkspace: false, holds: 'sign-in links, hashed, by address' },
  stream_tickets: {
    withPerson: false,
    withWorkspace: false,
    holds: 'tickets for live streams, hashed; each is gone minutes after it was made',
  },
  users: { withPerson: true, withWorkspace: false, holds: 'accounts: address, role, identities at providers' },
  workers: {
    withPerson: false,
    withWorkspace: false,
    holds: 'signs of life of workers; each is gone a week after its last',
  },
  workspaces: { withPerson: false, withWorkspace: true, holds: 'workspaces; a personal one goes with its person' },
};
