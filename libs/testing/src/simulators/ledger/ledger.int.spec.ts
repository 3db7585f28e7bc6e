import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../../eventually.js';
import { spawnTypeScript } from '../../typescript-child.js';
import { Ledger } from './ledger.js';

describe('the ledger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-ledger-'));
  const file = (): string => join(folder, randomUUID());
  afterAll(() => rmSync(folder, { recursive: true }));

  const post = (url: string, key?: string): Promise<Response> =>
    fetch(url, { method: 'POST', body: 'x', headers: { connection: 'close', ...(key && { 'idempotency-key': key }) } });

  it('acts once for a key where it honours keys, each time elsewhere, and never on reading', async () => {
    const ledger = await Ledger.start({ file: file() });
    await Promise.all(Array.from({ length: 5 }, () => post(`${ledger.url}/keyed/a`, 'k')));
    await Promise.all([post(`${ledger.url}/plain/a`, 'k'), post(`${ledger.url}/plain/a`, 'k')]);
    await fetch(`${ledger.url}/read/a`);
    const acted = ledger.effects().map(({ path }) => path);
    await ledger.close();
    expect(acted.sort()).toEqual(['/keyed/a', '/plain/a', '/plain/a']);
    expect(ledger.calls).toHaveLength(8);
  });

  it('has on disk what it answered, and goes on with it', async () => {
    const path = file();
    const first = await Ledger.start({ file: path });
    await post(`${first.url}/keyed/a`, 'k');
    expect(readFileSync(path, 'utf8')).toContain('"key":"k"');
    await first.close();
    appendFileSync(path, '{"half":');
    const second = await Ledger.start({ file: path });
    await post(`${second.url}/keyed/a`, 'k');
    const { executed, calls } = (await (await fetch(`${second.url}/effects?key=k`)).json()) as Record<string, number>;
    await second.close();
    expect({ executed, calls }).toEqual({ executed: 1, calls: 2 });
    const third = await Ledger.start({ file: path });
    await third.close();
    expect(third.calls).toHaveLength(2);
  });

  it('fails as it is told, for as long as it is told', async () => {
    const ledger = await Ledger.start({ file: file() });
    ledger.set({ path: '/plain/', mode: 'executeAndCut', times: 1 });
    ledger.set({ path: '/plain/busy', mode: '429', retryAfter: 7 });
    await expect(post(`${ledger.url}/plain/a`)).rejects.toThrow('fetch failed');
    expect((await post(`${ledger.url}/plain/a`)).status).toBe(200);
    const busy = await post(`${ledger.url}/plain/busy`);
    const executed = ledger.effects().length;
    await ledger.close();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
    expect(executed).toBe(2);
  });

  it('may act long after it has hung up, as requests do that wait in a queue somewhere', async () => {
    const ledger = await Ledger.start({ file: file() });
    ledger.set({ path: '/', mode: 'late', ms: 50 });
    await expect(post(`${ledger.url}/plain/a`)).rejects.toThrow('fetch failed');
    const before = ledger.effects().length;
    await eventually(() => expect(ledger.effects()).toHaveLength(1));
    await ledger.close();
    expect(before).toBe(0);
  });

  it('is a process, too', async () => {
    const child = spawnTypeScript(join(import.meta.dirname, 'ledger.main.ts'), [file()]);
    const lines = createInterface({ input: child.stdout! });
    const first = await lines[Symbol.asyncIterator]().next();
    const { url } = JSON.parse(String(first.value)) as { url: string };
    expect((await post(`${url}/plain/a`)).status).toBe(200);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
