/* oxlint-disable jest/no-standalone-expect -- one test is `it` under another name */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Doc } from '../semantics/index.ts';
import { CatalogueWriter, createTables } from './catalogue.ts';
import { Connection } from './connection.ts';
import { Group } from './group.ts';
import { doc, insert, newFolder, testStore } from './testing/store.ts';

const MOUNT = 'mount';
const UNMOUNT = 'umount';

/** A small file system of its own, where the tests may mount one. */
function smallDisk(): string | undefined {
  const folder = newFolder();
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const NS = 'test.things';
const all = { ns: NS, filter: new Doc() };
const noRoom = expect.objectContaining({ code: 14031 });

describe('a full disk', () => {
  const disk = smallDisk();
  // Mounting needs rights that not every machine gives; the other test needs none.
  const onSmallDisk = disk === undefined ? it.skip : it;

  onSmallDisk(
    'fails writes, loses nothing acknowledged, answers reads, and takes writes once there is room',
    async () => {
      const test = testStore({ readers: 0 }, disk);
      const many = Array.from({ length: 400 }, (_, id) => id);
      const results: boolean[] = [];
      const errors: unknown[] = [];
      for (const id of many)
        await insert(test.store, NS, { _id: id, text: 'x'.repeat(50_000) }).then(
          () => results.push(true),
          (error: unknown) => errors.push(error),
        );
      expect(results.length).toBeGreaterThan(10);
      expect(errors[0]).toEqual(noRoom);
      expect(await test.store.count(all)).toBe(results.length);
      execFileSync(MOUNT, ['-o', 'remount,size=30m', disk!]); // skipped without one
      await insert(test.store, NS, { _id: -1 });
      expect(await test.store.count(all)).toBe(results.length + 1);
      await test.store.close();
      execFileSync(UNMOUNT, [disk!]); // skipped without one
      rmSync(disk!, { recursive: true }); // skipped without one
    },
  );

  it('undoes the whole group, with what it created, and the next one works', async () => {
    const folder = newFolder();
    const connection = new Connection(join(folder, 'file'), false);
    createTables(connection);
    const catalogue = new CatalogueWriter(connection);
    const group = new Group(connection, catalogue);
    const [pages] = connection.get('PRAGMA page_count') ?? [];
    connection.exec(`PRAGMA max_page_count = ${Number(pages) + 1}`);
    const first = group.run(() => connection.run('INSERT INTO retries VALUES (?, 1, ?, 1)', 'a', Buffer.alloc(10)));
    // What it says may be due to the first, which nobody will ever find.
    const failing = group.run(() => {
      throw new Error('there already');
    });
    const second = group.run(() => catalogue.create(NS, doc({})));
    expect(await Promise.allSettled([first, failing, second])).toMatchObject([1, 2, 3].map(() => ({ reason: noRoom })));
    expect([catalogue.current.size, group.durable.size]).toEqual([0, 0]);
    expect(connection.get('SELECT count(*) FROM retries')).toEqual([0]);
    connection.exec('PRAGMA max_page_count = 1000000');
    await group.run(() => catalogue.create(NS, doc({})));
    expect([...group.durable.keys()]).toEqual([NS]);
    connection.close();
    rmSync(folder, { recursive: true });
  });
});
