import { PERSON_ROLES, type PersonRole } from '@flowmate/domain';

type Claims = Readonly<Record<string, unknown>>;

/** What stands at `a.b.c`. Names are own properties: a claim called `constructor` is a claim or nothing. */
function at(claims: Claims, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return isObject ? (value as Claims)[name] : undefined;
  }, claims);
}

/** Reads what a person may be here out of what the provider says of him. Nothing it says is no change. */
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

  /** The highest of those that are known here. */
  roleOf(claims: Claims): PersonRole | undefined {
    if (this.claim === undefined) return undefined;
    const found = [at(claims, this.claim)].flat().filter((one) => typeof one === 'string');
    const ours = new Set(found.map((one) => this.ours.get(one)));
    return PERSON_ROLES.find((role) => ours.has(role));
  }
}
