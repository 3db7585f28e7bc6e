import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@flowmate/testing';
import { Doc, Int32 } from './semantics/value.ts';
import { newFolder, PASSWORD, spawnServer, startServer } from './server/testing/embedded-server.ts';
import { WireClient } from './server/testing/wire-client.ts';

describe('the process of the embedded MongoDB', () => {
  const folders: string[] = [];
  const folder = (): string => {
    const made = newFolder();
    folders.push(made);
    return made;
  };
  afterAll(() => {
    for (const each of folders) rmSync(each, { recursive: true, force: true });
  });

  it('keeps what was acknowledged over a kill -9, and checks its files', async () => {
    const data = folder();
    const first = await startServer({ folder: data });
    const client = await WireClient.loggedIn(first.port, PASSWORD);
    await client.ask({ createIndexes: 'c', indexes: [Doc.of({ key: Doc.of({ a: new Int32(1) }), name: 'a' })] });
    const written = await client.ask({
      insert: 'c',
      documents: [Doc.of({ a: 'kept' })],
      writeConcern: Doc.of({ j: true }),
    });
    expect(written.get('n')).toEqual(new Int32(1));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const check = spawnServer(['--data', data, '--fsck']);
    let findings = '';
    check.stdout?.on('data', (chunk: Buffer) => (findings += chunk.toString()));
    const [code] = (await once(check, 'close')) as [number];
    expect({ code, findings }).toEqual({ code: 0, findings: '{"findings":[]}\n' });

    const second = await startServer({ folder: data });
    const again = await WireClient.loggedIn(second.port, PASSWORD);
    expect((await again.ask({ count: 'c', query: Doc.of({ a: 'kept' }) })).get('n')).toEqual(new Int32(1));
    again.close();
    await second.stop();
  });

  it('warns of scans with the shape of the filter, never its values', async () => {
    const server = await startServer({ args: ['--warn-scans'] });
    const client = await WireClient.loggedIn(server.port, PASSWORD);
    const documents = Array.from({ length: 2_000 }, (_, n) => Doc.of({ n: new Int32(n) }));
    await client.ask({ insert: 'scanned', documents });
    await client.ask({ find: 'scanned', filter: Doc.of({ secret: 'hunter2' }) });
    await eventually(() => expect(server.stderr()).toContain('test.scanned'));
    expect(server.stderr()).toContain('secret');
    expect(server.stderr()).not.toContain('hunter2');
    client.close();
    await server.stop();
  });

  it('ends when its parent is gone', async () => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(__dirname, 'main.ts'), '--data', folder(), '--port', '0'],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env: { ...process.env, FLOWMATE_EMBEDDED_PASSWORD: PASSWORD } },
    );
    // The ready line.
    await once(child.stdout!, 'data');
    child.disconnect();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
