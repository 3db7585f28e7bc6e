import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { SignInLinkRepository, type SignInLink } from './sign-in-link.repository.js';

const NOW = new Date('2026-01-31T10:00:00Z');
const LATER = new Date('2026-01-31T10:10:00Z');

const link = (more: Partial<SignInLink> = {}): SignInLink => ({
  id: 'address',
  version: 1,
  email: 'a@x.io',
  tokenHash: 'token',
  codeHash: 'code',
  bindingHash: 'binding',
  requestIdHash: null,
  issuedAt: NOW,
  expiresAt: LATER,
  usedAt: null,
  tries: 0,
  mails: [NOW],
  removeAt: LATER,
  ...more,
});

describe('links by mail', () => {
  const test = new TestDatabase();
  const links = new SignInLinkRepository(test.database);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());
  beforeEach(async () => {
    await (await test.db()).collection('sign_in_links').deleteMany({});
  });

  it('are one per address: of many that come at once, one is stored', async () => {
    const first = await Promise.all(['a', 'b', 'c'].map((tokenHash) => links.replace(link({ tokenHash }), 0)));
    expect(first.filter(Boolean)).toHaveLength(1);
    const second = await Promise.all(
      ['d', 'e', 'f'].map((tokenHash) => links.replace(link({ tokenHash, version: 2 }), 1)),
    );
    expect(second.filter(Boolean)).toHaveLength(1);
    expect(await links.of('address')).toMatchObject({ version: 2, mails: [NOW] });
    expect(await links.of('another')).toBeNull();
  });

  it('are tried as often as is allowed, however many try at once, and not when they are over', async () => {
    await links.replace(link(), 0);
    expect(await links.attempt('token', LATER, 5)).toBeNull();
    expect(await links.attempt('another', NOW, 5)).toBeNull();
    const tries = await Promise.all(Array.from({ length: 20 }, () => links.attempt('token', NOW, 5)));
    expect(tries.filter(Boolean)).toHaveLength(5);
  });

  it('are used once', async () => {
    await links.replace(link(), 0);
    const uses = await Promise.all(Array.from({ length: 20 }, () => links.use('token', NOW)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await links.attempt('token', NOW, 5)).toBeNull();
  });

  it('are gone when a newer one takes their place', async () => {
    await links.replace(link(), 0);
    await links.replace(link({ tokenHash: 'newer', version: 2 }), 1);
    expect(await links.attempt('token', NOW, 5)).toBeNull();
    expect(await links.attempt('newer', NOW, 5)).toMatchObject({ tries: 1 });
  });

  it('go by themselves', async () => {
    const indexes = await (await test.db()).collection('sign_in_links').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { removeAt: 1 }, expireAfterSeconds: 0 }));
    expect(indexes).toContainEqual(expect.objectContaining({ key: { tokenHash: 1 }, unique: true }));
  });
});
