/** What a tool can do to the world, least first. */
export const RISKS = ['read', 'write', 'external', 'destructive'] as const;
export type Risk = (typeof RISKS)[number];

/**
 * What may be done when nobody knows whether a call took effect. R: read, ask again. A: the provider takes our key, or
 * writing twice is writing once; send again with the same key. B: can be looked up by a marker we planted. C: neither;
 * a person decides.
 */
export const IDEMPOTENCY_CLASSES = ['R', 'A', 'B', 'C'] as const;
export type IdempotencyClass = (typeof IDEMPOTENCY_CLASSES)[number];

/** What an agent may do with a tool: use it, ask a person first, or not at all. */
export const POLICIES = ['allow', 'ask', 'deny'] as const;
export type Policy = (typeof POLICIES)[number];

/** Where the policy of a call came from: the agent's own settings, or the rule for its risk. */
export const POLICY_RULES = ['agent', 'risk'] as const;
export type PolicyRule = (typeof POLICY_RULES)[number];

/** What holds for a call when the agent says nothing: whatever cannot be taken back is asked about. */
export function defaultPolicy(risk: Risk, idempotency: IdempotencyClass): Policy {
  return risk === 'destructive' || idempotency === 'C' ? 'ask' : 'allow';
}
