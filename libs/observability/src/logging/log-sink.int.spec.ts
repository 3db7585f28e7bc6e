import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually, spawnTypeScript, verifies } from '@flowmate/testing';
import { LogSink } from './log-sink.js';

const WRITER = join(__dirname, '..', '..', 'test', 'log-writer.ts');
/** Ten times what a pipe holds, and more than the queue does. */
const MANY = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowmate-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('log sink', () => {
  it('writes lines in order', async () => {
    const path = join(folder, 'order.log');
    const sink = new LogSink(openSync(path, 'w'));
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) sink.write(line);
    expect(await sink.flush(5_000)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(sink.dropped).toBe(0);
    expect(await sink.flush(5_000)).toBe(true);
  });

  it('counts what a full disk does not take, and goes on', async () => {
    const sink = new LogSink(openSync('/dev/full', 'w'));
    for (let line = 0; line < 100; line += 1) sink.write('line\n');
    await eventually(() => expect(sink.dropped).toBe(100));
    sink.write('line\n');
    await eventually(() => expect(sink.dropped).toBe(101));
  });

  it('goes on where it can write again, and says how much was lost', async () => {
    const path = join(folder, 'again.log');
    const fd = openSync('/dev/full', 'w');
    const lost: number[] = [];
    const sink = new LogSink(fd, (count) => lost.push(count));
    sink.write('lost\n');
    await eventually(() => expect(sink.dropped).toBe(1));
    closeSync(fd);
    // The lowest free number is given out again, so the sink now writes to this file.
    expect(openSync(path, 'w')).toBe(fd);
    sink.write('kept\n');
    await sink.flush(5_000);
    expect(lost).toEqual([1]);
    expect(readFileSync(path, 'utf8')).toBe('kept\n');
  });
});

describe(verifies('U-21', 'FM-78', 'FR-26', 'standard output of a real process'), () => {
  it('gets every line, also when the process exits right after it', async () => {
    const child = spawnTypeScript(WRITER, ['exit', '1000'], ['ignore', 'pipe', 'inherit']);
    const lines = (await text(child.stdout as NodeJS.ReadableStream)).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { count: number }).count)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
  }, 20_000);

  it('may be read by nobody: the process goes on, drops, counts and can still end', async () => {
    const child = spawnTypeScript(WRITER, ['flush', String(MANY)]);
    const [said, [code, signal]] = await Promise.all([
      text(child.stderr as NodeJS.ReadableStream),
      once(child, 'exit'),
    ]);
    const { flushed, dropped } = JSON.parse(said) as { flushed: boolean; dropped: number };
    expect(flushed).toBe(false);
    expect(dropped).toBeGreaterThan(MANY / 4);
    expect([code, signal]).toEqual([null, 'SIGKILL']);
  }, 20_000);

  it('may be closed by its reader: the process does not fail of it', async () => {
    const child = spawnTypeScript(WRITER, ['flush', '1000']);
    child.stdout?.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')]);
    expect(JSON.parse(said)).toEqual({ flushed: true, dropped: 1_000 });
    expect(code).toBe(0);
  }, 20_000);
});
