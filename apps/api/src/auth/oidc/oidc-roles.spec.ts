import { OidcRoles } from './oidc-roles.js';

const roles = (claim: string | undefined, ...pairs: string[]): OidcRoles => new OidcRoles(claim, pairs);

describe('roles that a provider names', () => {
  it('are the highest of those that are known here, wherever the claim stands', () => {
    const known = roles('realm_access.roles', 'chiefs=admin', 'staff=manager', 'readers=analyst');
    expect(known.of({ realm_access: { roles: ['other', 'readers', 'chiefs'] } })).toEqual({ role: 'admin' });
    expect(known.of({ realm_access: { roles: 'readers' } })).toEqual({ role: 'analyst' });
    const address = 'https://id.example/roles';
    expect(roles(address, 'staff=manager').of({ [address]: ['staff'] })).toEqual({ role: 'manager' });
  });

  it('take an admin back when the claim is there without any of them', () => {
    const known = roles('roles', 'chiefs=admin', 'readers=analyst');
    expect(known.of({ roles: [] })).toEqual({ isNoAdmin: true });
    expect(known.of({ roles: ['other', 1, null] })).toEqual({ isNoAdmin: true });
    expect(roles('roles', 'readers=analyst').of({ roles: [] })).toEqual({});
  });

  it('change nothing when the claim is not there, or is none of the provider’s', () => {
    const known = roles('roles', 'chiefs=admin');
    for (const claims of [{}, { roles: null }, { role: ['chiefs'] }]) expect(known.of(claims)).toEqual({});
    expect(roles('constructor.name', 'Object=admin').of({})).toEqual({});
    expect(roles(undefined, 'chiefs=admin').of({ roles: ['chiefs'] })).toEqual({});
  });
});
