import { eventually, verifies } from '@flowmate/testing';
import type { ProcessEvent, ProcessLog, ProcessPort, Running } from './ports.js';
import { ProcessLife, type LifeOptions } from './process-life.js';

type Listener = (reason: unknown) => void;

class PlayedProcess implements ProcessPort {
  readonly pid = 1;
  readonly ends: Array<number | string> = [];
  time = 0;
  private readonly listeners = new Map<ProcessEvent, Listener>();

  constructor(
    readonly isSupervised = false,
    private readonly connected = true,
  ) {}

  isConnected(): boolean {
    return this.connected;
  }

  on(event: ProcessEvent, listener: Listener): void {
    this.listeners.set(event, listener);
  }

  emit(event: ProcessEvent, reason?: unknown): void {
    this.listeners.get(event)?.(reason);
  }

  exit(code: number): void {
    this.ends.push(code);
  }

  kill(_pid: number, signal: string): void {
    this.ends.push(signal);
  }

  now(): number {
    return this.time;
  }
}

class RecordedLog implements ProcessLog {
  readonly lines: string[] = [];
  flushes = true;

  info(message: string): void {
    this.lines.push(message);
  }

  fatal(message: string, error?: unknown): void {
    this.lines.push(error instanceof Error ? `${message}: ${error.message}` : message);
  }

  flush(): Promise<boolean> {
    return Promise.resolve(this.flushes);
  }
}

function life(changes: Partial<LifeOptions> & { running?: Partial<Running>; port?: PlayedProcess } = {}) {
  const port = changes.port ?? new PlayedProcess();
  const log = new RecordedLog();
  let stops = 0;
  const running: Running = {
    stop: () => {
      stops += 1;
      return Promise.resolve();
    },
    ...changes.running,
  };
  const start = (): Promise<Running> => Promise.resolve(running);
  const subject = new ProcessLife({ name: 'api', start, log, shutdownTimeoutMs: 10_000, ...changes }, port);
  return { subject, port, log, stops: () => stops };
}

/** How the process ended: one entry, or something ended it twice. */
async function endsOf(port: PlayedProcess): Promise<ReadonlyArray<number | string>> {
  await eventually(() => expect(port.ends).not.toEqual([]));
  return port.ends;
}

const never = (): Promise<never> => new Promise(() => undefined);

describe(verifies('R24', 'the end of a process'), () => {
  it('happens once, however many reasons there are', async () => {
    const { subject, port, stops } = life({ port: new PlayedProcess(true) });
    await subject.run();
    port.emit('SIGTERM');
    port.emit('SIGINT');
    port.emit('disconnect');
    expect(await endsOf(port)).toEqual([0]);
    expect(stops()).toBe(1);
  });

  it('is not forced by a second signal within a second, but by one after it', async () => {
    const { subject, port, log } = life({ running: { stop: never } });
    await subject.run();
    port.emit('SIGTERM');
    port.time = 1_000;
    port.emit('SIGTERM');
    port.time = 1_001;
    expect(log.lines).toEqual(['api started', 'api stops']);
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual([1]);
  });

  it('waits for a start that is under way', async () => {
    let finishStart: (running: Running) => void = () => undefined;
    const starting = new Promise<Running>((resolve) => (finishStart = resolve));
    const { subject, port, log } = life({ start: () => starting });
    const run = subject.run();
    port.emit('SIGTERM');
    expect(port.ends).toEqual([]);
    finishStart({ stop: () => Promise.resolve() });
    await run;
    expect(await endsOf(port)).toEqual([0]);
    expect(log.lines).toEqual(['api stops', 'api stopped']);
  });

  it('is a failure when that start fails', async () => {
    let failStart: (error: Error) => void = () => undefined;
    const starting = new Promise<Running>((_, reject) => (failStart = reject));
    const { subject, port, log } = life({ start: () => starting });
    const run = subject.run();
    port.emit('SIGTERM');
    failStart(new Error('no store'));
    await run;
    expect(await endsOf(port)).toEqual([1]);
    expect(log.lines).toContain('api could not start: no store');
  });

  it('is a failure when stopping fails', async () => {
    const { subject, port, log } = life({ running: { stop: () => Promise.reject(new Error('stuck')) } });
    await subject.run();
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual([1]);
    expect(log.lines).toContain('api could not stop in order: stuck');
  });

  it('comes at once when the supervisor went before anybody listened', async () => {
    const { subject, port, log } = life({ port: new PlayedProcess(true, false), start: never });
    await subject.run();
    expect(await endsOf(port)).toEqual([0]);
    expect(log.lines).not.toContain('api started');
  });

  it('uses the log that the start has made', async () => {
    const configured = new RecordedLog();
    const { subject, log } = life({ running: { log: configured } });
    await subject.run();
    expect(configured.lines).toEqual(['api started']);
    expect(log.lines).toEqual([]);
  });

  it('is by SIGKILL when the log cannot be flushed, because an exit would hang', async () => {
    const { subject, port, log } = life();
    log.flushes = false;
    await subject.run();
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual(['SIGKILL']);
  });
});

describe('the limit of stopping', () => {
  it('is the one that the started process asks for', async () => {
    const { subject, port, log } = life({ running: { stop: never, shutdownTimeoutMs: 20, phase: () => 'queue' } });
    await subject.run();
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual([1]);
    expect(log.lines).toContain('api did not stop in time');
  });
});

describe(verifies('R26', 'an error that nothing handled'), () => {
  it('ends the process with 1 after it was stopped', async () => {
    const { subject, port, log, stops } = life();
    await subject.run();
    port.emit('uncaughtException', new Error('boom'));
    expect(await endsOf(port)).toEqual([1]);
    expect(stops()).toBe(1);
    expect(log.lines).toContain('api met an error that nothing handled: boom');
  });

  it('turns a stop that is under way into a failure', async () => {
    let finishStop: () => void = () => undefined;
    const stopping = new Promise<void>((resolve) => (finishStop = resolve));
    const { subject, port } = life({ running: { stop: () => stopping } });
    await subject.run();
    port.emit('SIGTERM');
    port.emit('unhandledRejection', new Error('boom'));
    finishStop();
    expect(await endsOf(port)).toEqual([1]);
  });

  it('leaves ten seconds to stop, however long a stop may take otherwise', async () => {
    jest.useFakeTimers();
    const { subject, port } = life({ running: { stop: never, shutdownTimeoutMs: 60_000 } });
    await subject.run();
    port.emit('uncaughtException', new Error('boom'));
    await jest.advanceTimersByTimeAsync(9_999);
    expect(port.ends).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(port.ends).toEqual([1]);
    jest.useRealTimers();
  });

  it('is told twenty times at most', async () => {
    const { subject, port, log } = life({ running: { stop: never } });
    await subject.run();
    for (let count = 0; count < 100; count += 1) port.emit('uncaughtException', new Error('boom'));
    port.time = 2_000;
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual([1]);
    expect(log.lines.filter((line) => line.endsWith('boom'))).toHaveLength(20);
  });

  it('ends the process also when the log is what is broken', async () => {
    const { subject, port, log } = life();
    await subject.run();
    log.fatal = () => {
      throw new Error('broken log');
    };
    port.emit('uncaughtException', new Error('boom'));
    expect(await endsOf(port)).toEqual([1]);
  });

  it('ends at once when ending itself fails, instead of asking for it again for ever', async () => {
    const { subject, port, log } = life();
    await subject.run();
    log.info = () => {
      throw new Error('broken log');
    };
    port.emit('SIGTERM');
    expect(await endsOf(port)).toEqual([1]);
  });
});
