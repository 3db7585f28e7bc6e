import { ALL_COLLECTIONS } from '@flowmate/database';
import { TIERS } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';

/** Collections whose documents belong to no workspace, each with the reason. Everything else carries its workspace. */
const OF_NO_WORKSPACE: Readonly<Record<string, string>> = {
  audit: 'its trail is the workspace, or the instance where an act belongs to none',
  audit_heads: 'where each of those trails begins and ends: its id is the trail',
  canaries: 'signs of life of workers; nobody made them',
  instance: 'what holds for all workspaces',
  oidc_flows: 'a sign-in that is under way belongs to nobody yet',
  outbox: 'a mail goes to an address, which may be no member of anything yet',
  sessions: 'a person signs in once for all workspaces, and each request names one of them',
  sign_in_links: 'belongs to an address, which may have no account yet',
  users: 'a person belongs to many workspaces: a membership says to which',
  workers: 'signs of life of workers, which work for all workspaces',
  workspaces: 'is the workspace',
};

const fieldOf = (name: string, path: string): { isRequired?: boolean; options: { enum?: unknown } } | undefined =>
  ALL_COLLECTIONS.find((one) => one.name === name)?.schema.path(path);

describe(verifies('U-14', 'whose every stored document is'), () => {
  const names = ALL_COLLECTIONS.map(({ name }) => name);

  it.each(names.filter((name) => !(name in OF_NO_WORKSPACE)))('says each of %s: a workspace, always', (name) => {
    expect(fieldOf(name, 'workspaceId')).toMatchObject({ isRequired: true, instance: 'String' });
  });

  it('is written down where it is of no workspace, and nowhere else', () => {
    const silent = names.filter((name) => fieldOf(name, 'workspaceId') === undefined);
    expect(silent.sort()).toEqual(Object.keys(OF_NO_WORKSPACE).sort());
  });

  it('says the trail of an act, which is the workspace', () => {
    expect(fieldOf('audit', 'trail')).toMatchObject({ isRequired: true });
  });

  it('decides by the tier of the workspace what it may use', () => {
    expect(fieldOf('workspaces', 'tier')).toMatchObject({ isRequired: true, options: { enum: TIERS } });
    const others = names.filter((name) => fieldOf(name, 'tier') !== undefined);
    expect(others).toEqual(['workspaces']);
  });
});
