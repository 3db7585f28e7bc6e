import { createServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, verifies } from '@flowmate/testing';
import { FakeProject, type FakeOptions, type Started, cli, serving, STORES } from './fake-project.js';
import { processIdentity } from './process-identity.mjs';

const locksIn = (root: string): string[] =>
  readdirSync(join(root, '.flowmate')).filter((name) => name.includes('.lock'));
const isGone = (pid: number): boolean => processIdentity(pid) === null;

describe(verifies('FM-84', 'FM-103', 'npm start'), () => {
  let project: FakeProject;
  let launches: Started[] = [];

  const prepare = (options?: FakeOptions): FakeProject => (project = new FakeProject(options));
  const start = (args?: string[], env?: Record<string, string>): Started => {
    const started = project.start(args, env);
    launches.push(started);
    return started;
  };
  const end = (started: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    started.process.kill(signal);
    return started.exitCode();
  };

  afterEach(async () => {
    await project.dispose(...launches);
    launches = [];
  });

  it('installs, builds and starts a fresh clone, and says what there is to see', async () => {
    prepare({ isFresh: true });
    const started = project.run('npm', ['start'], { PORT: '0' });
    launches.push(started);
    await started.shows('Ctrl-C stops everything');
    const output = started.output();
    expect(output).toMatch(/dependencies installed in/);
    expect(output).toMatch(/built in/);
    expect(output).toMatch(/FlowMate 1\.2\.3 is running \(worker, api; ready in/);
    const url = /API\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
    expect(output).toContain(`${url}/api/docs`);
    expect(output).toContain(`curl -s ${url}/`);
    expect(await (await fetch(`${url}/health/live`)).text()).toBe('ok');
    expect(await end(started)).toBe(0);
    expect(started.pids().map(isGone)).toEqual([true, true]);
  });

  describe('asks for a way in', () => {
    /** Gives a link to who shows the secret that this very process was given. */
    const api = serving('PORT').replace(
      "serve('PORT');",
      `import { createServer } from 'node:http';
       console.log('secret of ' + String(process.env.DEV_LINK_SECRET).length);
       const server = createServer((request, response) => {
         const isTold = request.method === 'POST' &&
           request.headers.authorization === 'Bearer ' + process.env.DEV_LINK_SECRET;
         const given = isTold && {
           '/dev/sign-in-link': { url: 'http://127.0.0.1/sign-in#token=x' },
           '/dev/demonstration': { agentId: 'a'.repeat(24), key: 'fm_live_' + 'k'.repeat(43) },
         }[request.url];
         response.writeHead(given ? 201 : 200).end(given ? JSON.stringify(given) : 'ok');
       });
       server.listen(Number(process.env.PORT), '127.0.0.1');
       for (const event of ['SIGTERM', 'disconnect']) process.on(event, () => process.exit(0));`,
    );

    it('with a secret of its own, and prints the link', async () => {
      prepare({ api });
      const started = start();
      await started.shows('Ctrl-C stops everything');
      expect(started.output()).toContain('secret of 64');
      expect(started.output()).toMatch(/Sign in +http:\/\/127\.0\.0\.1\/sign-in#token=x/);
      expect(started.output()).toMatch(
        /Try +curl -s http:\/\/127\.0\.0\.1:\d+\/api\/v1\/agents\/a{24}\/run .*fm_live_k{43}/,
      );
      expect(started.output()).toMatch(/Mailbox +http:\/\/127\.0\.0\.1:\d+\/dev\/mailbox/);
      expect(await end(started)).toBe(0);
    });

    it.each(['production', 'test'])('never in %s', async (NODE_ENV) => {
      prepare({ api });
      const started = start([], { NODE_ENV });
      await started.shows('Ctrl-C stops everything');
      expect(started.output()).toContain('secret of 9');
      expect(started.output()).not.toContain('#token=');
      expect(await end(started)).toBe(0);
    });
  });

  it('neither installs nor builds again when nothing changed, whatever the time of a file says', async () => {
    prepare();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(project.root, 'apps/api/src/main.ts'), later, later);
    const started = start();
    await started.shows('is running');
    expect(started.output()).not.toMatch(/install|built/);
    expect(await end(started)).toBe(0);
  });

  it('builds again when a source changed, and shows why a build failed', async () => {
    prepare();
    project.write('apps/api/src/main.ts', 'BROKEN');
    const started = start();
    expect(await started.exitCode()).toBe(1);
    expect(started.output()).toContain('does not compile: apps/api/src/main.ts');
    expect(existsSync(join(project.root, 'dist/.flowmate-build'))).toBe(false);
    expect(locksIn(project.root)).toEqual([]);
  });

  it('shows all that npm says when the installation fails', async () => {
    prepare({ isFresh: true });
    project.write('package.json', '{');
    const started = start();
    expect(await started.exitCode()).toBe(1);
    expect(started.output()).toContain('npm error code EJSONPARSE');
    expect(started.output()).toContain('npm ci failed');
  });

  it('stops the api before the worker, and leaves no process and no lock', async () => {
    prepare();
    const started = start();
    await started.shows('is running');
    expect(statSync(join(project.root, '.flowmate')).mode & 0o777).toBe(0o700);
    expect(await end(started)).toBe(0);
    expect(started.output()).toMatch(/api stopped[^]*worker stopped/);
    expect(started.pids().map(isGone)).toEqual([true, true]);
    expect(locksIn(project.root)).toEqual([]);
  });

  it('takes the Ctrl-C that npm forwards for the one the terminal sent', async () => {
    prepare();
    const started = start([], { STOP_MS: '300' });
    await started.shows('is running');
    started.process.kill('SIGINT');
    started.process.kill('SIGINT');
    expect(await started.exitCode()).toBe(0);
    expect(started.output()).toMatch(/api stopped[^]*worker stopped/);
  });

  it('kills whoever does not stop in time', async () => {
    prepare({ worker: serving('WORKER_PORT').replace("'WORKER_PORT'", "'WORKER_PORT', { stopsOn: [] }") });
    const started = start([], { LIMITS: '{"stopMs":400,"nextMs":100}' });
    await started.shows('is running');
    expect(await end(started)).toBe(0);
    expect(started.output()).toContain('worker did not stop within 400 ms and is killed');
    expect(started.pids().map(isGone)).toEqual([true, true]);
  });

  it('ends at once on a second Ctrl-C that is no echo of the first', async () => {
    prepare({ worker: serving('WORKER_PORT').replace("'WORKER_PORT'", "'WORKER_PORT', { stopsOn: [] }") });
    const started = start();
    await started.shows('is running');
    await eventually(() => {
      started.process.kill('SIGINT');
      if (started.process.exitCode === null) throw new Error('still stopping');
    });
    expect(await started.exitCode()).toBe(130);
    expect(started.pids().map(isGone)).toEqual([true, true]);
    expect(locksIn(project.root)).toEqual([]);
  });

  it('refuses a second start in the same folder, and lets the first one run', async () => {
    prepare();
    const first = start();
    await first.shows('is running');
    const second = start();
    expect(await second.exitCode()).toBe(1);
    expect(second.output()).toContain(`process ${first.process.pid}, since 2`);
    expect(second.output()).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    expect(first.pids().map(isGone)).toEqual([false, false]);
    expect(await end(first)).toBe(0);
  });

  it('takes over after kill -9, and ends what the killed start left running', async () => {
    const stubborn = (variable: string): string =>
      serving(variable).replace(`'${variable}'`, `'${variable}', { stopsOn: ['SIGTERM'] }`);
    prepare({ api: stubborn('PORT'), worker: stubborn('WORKER_PORT') });
    const first = start();
    await first.shows('is running');
    await end(first, 'SIGKILL');
    expect(locksIn(project.root)).toHaveLength(1);
    const second = start();
    await second.shows('is running');
    expect(second.output()).toContain('ended what a killed start had left running: worker, api');
    expect(first.pids().map(isGone)).toEqual([true, true]);
    expect(await end(second)).toBe(0);
    expect(locksIn(project.root)).toEqual([]);
  });

  it('tells its children through their channel when it is killed', async () => {
    prepare();
    const started = start();
    await started.shows('is running');
    await end(started, 'SIGKILL');
    await eventually(() => expect(started.pids().map(isGone)).toEqual([true, true]));
  });

  it('reports a crash with the last lines, and starts the child again', async () => {
    prepare();
    const started = start([], { LIMITS: '{"backoffMs":20}' });
    await started.shows('is running');
    const [worker = 0] = started.pids();
    process.kill(worker, 'SIGKILL');
    await started.shows(/is ready again/);
    expect(started.output()).toMatch(
      new RegExp(`\\(process ${worker}\\) was ended by SIGKILL[^]* {4}listening as ${worker}`),
    );
    expect(new Set(started.pids()).size).toBe(3);
    expect(await end(started)).toBe(0);
  });

  it('gives up after three crashes within a minute', async () => {
    prepare({ worker: `console.log('about to fail'); throw new Error('no luck');` });
    const started = start([], { LIMITS: '{"backoffMs":10}' });
    expect(await started.exitCode()).toBe(1);
    expect(started.output().match(/worker \(process \d+\) ended with code 1/g)).toHaveLength(3);
    expect(started.output()).toMatch(/ {4}about to fail[^]* {4}Error: no luck/);
    expect(started.output()).toContain('worker crashed 3 times within 60.0 s; everything stops');
    expect(locksIn(project.root)).toEqual([]);
  });

  it('passes exit code 78 on without starting a misconfigured child again', async () => {
    prepare({ api: `console.error('PORT must be a number'); process.exitCode = 78;` });
    const started = start();
    expect(await started.exitCode()).toBe(78);
    expect(started.output().match(/PORT must be a number/g)).toHaveLength(2); // as it came, and in the report
    expect(started.output()).not.toContain('starts again');
  });

  it('names a busy port and the way out before it installs anything', async () => {
    prepare({ isFresh: true });
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const started = start([], { PORT: String(port) });
    expect(await started.exitCode()).toBe(1);
    expect(started.output()).toMatch(new RegExp(`Port ${port} \\(PORT\\) is in use.*PORT=\\d+ npm start`));
    expect(started.output()).not.toContain('installing');
    other.close();
  });

  it('names the port a child could not have', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    prepare({ api: `process.env.PORT = '${port}';\n${serving('PORT')}` });
    const started = start();
    expect(await started.exitCode()).toBe(1);
    expect(started.output()).toContain(`Port ${port} (PORT) is in use`);
    expect(started.output()).not.toContain('starts again');
    other.close();
  });

  it('reads the ports of .env, and lets the environment win', async () => {
    prepare({ api: serving('PORT', `console.log(process.env.LOG_FORMAT, process.env.NODE_ENV);`) });
    project.write('.env', 'PORT=none\nLOG_FORMAT=json\n');
    const started = start();
    await started.shows('is running');
    await started.shows('json development');
    expect(await end(started)).toBe(0);
  });

  it('starts what there is', async () => {
    prepare();
    project.write('apps/worker/src/main.ts', '');
    project.write(
      'build.mjs',
      `import { cpSync } from 'node:fs';
      cpSync('apps/api/src/main.ts', 'dist/apps/api/src/main.js');
      cpSync('libs/fake/src/server.ts', 'dist/libs/fake/src/server.js');`,
    );
    const started = start();
    await started.shows('is running (api;');
    expect(await end(started)).toBe(0);
  });

  describe('with stores of its own', () => {
    const tellsStores = (variable: string): string =>
      serving(variable, `console.log('told', process.env.MONGODB_URI, process.env.REDIS_URL);`);

    it('starts them before the apps, tells the apps where they are, and nobody else', async () => {
      prepare({ stores: STORES, api: tellsStores('PORT') });
      const started = start();
      await started.shows('is running (stores, worker, api;');
      expect(started.output()).toMatch(/embedded Mongo\s+127\.0\.0\.1:1, data in \.flowmate\/stores/);
      expect(started.output()).toContain('not for production');
      expect(started.output()).toContain('stores with --data .flowmate/stores, listening');
      expect(started.output().match(/hidden.*/g)).toEqual(['hidden@127.0.0.1:1/fake redis://:hidden@127.0.0.1:2']);
      expect(started.output().indexOf('stores with')).toBeLessThan(started.output().indexOf('told'));
      expect(await end(started)).toBe(0);
    });

    it('stops them last, when nobody needs them any more', async () => {
      prepare({ stores: STORES });
      const started = start([], { STOP_MS: '300', LIMITS: '{"nextMs":10}' });
      await started.shows('is running');
      expect(await end(started)).toBe(0);
      expect(started.output()).toMatch(/(api|worker) stopped[^]*(api|worker) stopped[^]*stores stopped/);
      expect(started.pids().map(isGone)).toEqual([true, true, true]);
    });

    it('starts them again after a crash, where the apps know them, and leaves the apps running', async () => {
      prepare({ stores: STORES });
      const started = start([], { LIMITS: '{"backoffMs":20}' });
      await started.shows('is running');
      const [stores = 0, ...apps] = started.pids();
      process.kill(stores, 'SIGKILL');
      await started.shows('stores is ready again');
      await started.shows('stores with --data .flowmate/stores --mongo-port 1 --redis-port 2, listening');
      expect(apps.map(isGone)).toEqual([false, false]);
      expect(await end(started)).toBe(0);
    });

    it('keeps trying when their first start fails, and starts the apps after the one that succeeds', async () => {
      const once = `import { existsSync, writeFileSync } from 'node:fs';
        if (!existsSync('tried')) { writeFileSync('tried', ''); throw new Error('the first try'); }\n`;
      prepare({ stores: once + STORES });
      const started = start([], { LIMITS: '{"backoffMs":20}' });
      await started.shows('is running (stores, worker, api;');
      expect(started.output()).toContain('the first try');
      expect(started.output().indexOf('the first try')).toBeLessThan(started.output().indexOf('worker |'));
      expect(await end(started)).toBe(0);
    });

    it('brings the database up to date on them, before the apps start', async () => {
      prepare({ stores: STORES });
      project.write('dist/apps/cli/src/main.js', cli(0));
      const started = start();
      await started.shows('is running (stores, worker, api;');
      expect(started.output()).toContain('cli migrate up mongodb://user:hidden@127.0.0.1:1/fake');
      expect(started.output().indexOf('cli migrate up')).toBeLessThan(started.output().indexOf('worker |'));
      expect(started.output()).toMatch(/Health\s+curl -s http:\/\/127\.0\.0\.1:\d+\/health\/details/);
      expect(await end(started)).toBe(0);
    });

    it('starts nothing on a database that could not be brought up to date', async () => {
      prepare({ stores: STORES });
      project.write('dist/apps/cli/src/main.js', cli(1));
      const started = start();
      expect(await started.exitCode()).toBe(1);
      expect(started.output()).toContain('could not be brought up to date; nothing is started');
      expect(started.output()).not.toContain('worker |');
      expect(started.pids().map(isGone)).toEqual([true]);
    });

    it('leaves out what somebody brings along', async () => {
      prepare({ stores: STORES });
      const started = start([], { REDIS_URL: 'redis://elsewhere' });
      await started.shows('stores with --data .flowmate/stores --only mongo,');
      expect(await end(started)).toBe(0);
      const without = start([], { REDIS_URL: 'redis://elsewhere', MONGODB_URI: 'mongodb://elsewhere' });
      await without.shows('is running (worker, api;');
      expect(await end(without)).toBe(0);
    });
  });

  describe('--reset', () => {
    it('deletes nothing without a terminal to ask and without --yes', async () => {
      prepare();
      project.write('.flowmate/data', 'precious');
      const started = start(['--reset']);
      expect(await started.exitCode()).toBe(1);
      expect(started.output()).toContain('Add --yes to mean it');
      expect(existsSync(join(project.root, '.flowmate/data'))).toBe(true);
    });

    it('deletes nothing while another start is running', async () => {
      prepare();
      project.write('.flowmate/data', 'precious');
      const first = start();
      await first.shows('is running');
      const second = start(['--reset', '--yes']);
      expect(await second.exitCode()).toBe(1);
      expect(second.output()).toContain('already running');
      expect(existsSync(join(project.root, '.flowmate/data'))).toBe(true);
      expect(await end(first)).toBe(0);
    });

    it('deletes the data with --yes, and a start without it keeps them', async () => {
      prepare();
      project.write('.flowmate/secrets/KEY', 'precious');
      const first = start();
      await first.shows('is running');
      await end(first);
      expect(existsSync(join(project.root, '.flowmate/secrets/KEY'))).toBe(true);
      expect(await start(['--reset', '--yes']).exitCode()).toBe(0);
      expect(readdirSync(join(project.root, '.flowmate'))).toEqual([]);
    });
  });

  it('shows its options, and refuses one it does not know', async () => {
    prepare({ isFresh: true });
    const help = start(['--help']);
    expect(await help.exitCode()).toBe(0);
    expect(help.output()).toContain('--reset');
    const unknown = start(['--rest']);
    expect(await unknown.exitCode()).toBe(1);
    expect(unknown.output()).toContain("'--rest'");
    expect(existsSync(join(project.root, '.flowmate'))).toBe(false);
  });
});
