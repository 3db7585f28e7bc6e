import { PERSON_ROLES, type PersonRole } from '@flowmate/domain';

type Claims = Readonly<Record<string, unknown>>;

export interface RolesByProvider {
  readonly role?: PersonRole;
  /** It says who is an admin here, and does not say it of this person. */
  readonly isNoAdmin?: true;
}

/** What stands at `a.b.c`. Names are own properties: a claim called `constructor` is a claim or nothing. */
function at(claims: Claims, path: string): unknown {
  // Some providers name their claims by addresses, with dots of their own.
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return isObject ? (value as Claims)[name] : undefined;
  }, claims);
}

/** Reads what a person may be here out of what the provider says of him. */
export class OidcRoles {
  private readonly ours: ReadonlyMap<string, PersonRole>;

  constructor(
    private readonly claim: string | undefined,
    pairs: readonly string[],
  ) {
    this.ours = new Map(
      pairs.map((pair) => {
        const end = pair.lastIndexOf('=');
        return [pair.slice(0, end), pair.slice(end + 1) as PersonRole];
      }),
    );
  }

  /** Whether claims are silent about roles that are looked for. */
  isMissingIn(claims: Claims): boolean {
    return this.claim !== undefined && at(claims, this.claim) === undefined;
  }

  /**
   * The highest of those that are known here. Where the claim is there without any of them, who was an admin is none
   * any more; a claim that is not there says nothing.
   */
  of(claims: Claims): RolesByProvider {
    const value = this.claim === undefined ? undefined : at(claims, this.claim);
    if (value === undefined || value === null) return {};
    const ours = new Set([value].flat().map((one) => (typeof one === 'string' ? this.ours.get(one) : undefined)));
    const role = PERSON_ROLES.find((one) => ours.has(one));
    if (role !== undefined) return { role };
    return [...this.ours.values()].includes('admin') ? { isNoAdmin: true } : {};
  }
}
