import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_ENV, envExample, loadEnv } from '@flowmate/config';
import { VERSION } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  image: string;
  environment?: Record<string, string>;
  restart?: string;
  ports?: string[];
  networks: string[];
  profiles?: string[];
  command?: string[];
  healthcheck?: { test: string[] };
  deploy: { resources: Record<'limits' | 'reservations', { cpus: string; memory: string }> };
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};
const chart = {
  values: parse(read('helm/flowmate/values.yaml')) as { existingSecret: string; api: { replicas: number } },
  helpers: read('helm/flowmate/templates/_helpers.tpl'),
  template: (name: string): string => read(`helm/flowmate/templates/${name}`),
};

/** The chart's helpers are YAML but for their placeholders. */
function helper(name: string): string {
  const [, body = ''] = chart.helpers.split(`{{- define "${name}" -}}`);
  return (body.split('{{- end -}}')[0] ?? '').replaceAll(/\{\{[^}]*\}\}/g, 'placeholder');
}

interface Probe {
  httpGet: { path: string };
  initialDelaySeconds: number;
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

const numbers = ({
  httpGet,
  initialDelaySeconds,
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
}: Probe): unknown[] => [httpGet.path, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold];

const knownSettings = [...envExample(ALL_ENV).matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);

describe(verifies('FM-85', 'the images'), () => {
  it.each(['api', 'worker'])('of the %s start Node 24 of .nvmrc, as process 1, without rights', (part) => {
    const file = read(`Dockerfile.${part}`);
    expect(read('.nvmrc').trim()).toMatch(/^24\./);
    expect(file).toContain(`node:${read('.nvmrc').trim()}-`);
    expect(file).toMatch(/^ENTRYPOINT \["node", "--enable-source-maps"\]$/m);
    expect(file).toContain(`CMD ["dist/apps/${part}/src/main.js"]`);
    expect(file).toMatch(/^USER 10001:10001$/m);
    expect(file).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });

  it('are pinned by digest and hold no dependency of development', () => {
    for (const part of ['api', 'worker']) {
      const file = read(`Dockerfile.${part}`);
      expect(file.match(/^ARG \w+_IMAGE=\S+@sha256:[0-9a-f]{64}$/gm)).toHaveLength(2);
      expect(file).toContain('npm ci --omit=dev --omit=optional --ignore-scripts');
    }
  });

  it('expose the port of the API and ask for their own health every 30 s', () => {
    expect(read('Dockerfile.api')).toMatch(/^EXPOSE 9000\b/m);
    for (const part of ['api', 'worker']) {
      const check =
        /^HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \\\n {2}CMD \["node".*\/health\/live/m;
      expect(read(`Dockerfile.${part}`)).toMatch(check);
    }
  });

  it('hold the command line under the name that the checkout has for it', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(Object.keys(bin)).toEqual(['flowmate']);
    const link = `chmod +x ${bin.flowmate} && ln -s /app/${bin.flowmate} /usr/local/bin/flowmate`;
    const [before, after] = read('Dockerfile.api').split(link);
    expect([before?.includes('USER '), after?.includes('USER 10001')]).toEqual([false, true]);
    expect(read('apps/cli/src/main.ts')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('see nothing of the project but what the list allows', () => {
    const [first, ...rules] = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(first).toBe('*');
    expect(rules.filter((rule) => /env|git|flowmate/.test(rule))).toEqual([]);
  });
});

describe(verifies('FM-86', 'FR-28', 'U-22', 'the chart'), () => {
  it('runs three replicas of flowmate-api with secrets from flowmate-secrets', () => {
    expect(chart.template('api-deployment.yaml')).toContain('name: {{ include "flowmate.name" . }}-api');
    expect(chart.template('api-deployment.yaml')).toContain('replicas: {{ .Values.api.replicas }}');
    expect(chart.values.api.replicas).toBe(3);
    expect(chart.values.existingSecret).toBe('flowmate-secrets');
    const names = [...chart.helpers.matchAll(/^ +name: \{\{ (\S+) \}\}\n +key: (\S+)$/gm)];
    expect(names.map(([, from]) => from)).toEqual(names.map(() => '.Values.existingSecret'));
    const keys = [
      'mongodb-uri',
      'redis-url',
      'integration-enc-key',
      'integration-enc-key-previous',
      'resend-api-key',
      'smtp-url',
      'jwt-secret',
      'jwt-secret-previous',
      'refresh-secret',
      'openai-key',
    ];
    expect(names.map(([, , key]) => key)).toEqual(keys);
  });

  it('probes both processes with the agreed numbers', () => {
    const probes = parse(helper('flowmate.probes')) as Record<string, Probe>;
    expect(Object.keys(probes).sort()).toEqual(['livenessProbe', 'readinessProbe', 'startupProbe']);
    const { livenessProbe, readinessProbe } = probes as Record<'livenessProbe' | 'readinessProbe', Probe>;
    expect(numbers(livenessProbe)).toEqual(['/health/live', 10, 10, 5, 3]);
    expect(numbers(readinessProbe)).toEqual(['/health/ready', 5, 5, 3, 3]);
    for (const part of ['api', 'worker']) {
      expect(chart.template(`${part}-deployment.yaml`)).toMatch(/include "flowmate\.probes" "(http|health)"/);
    }
  });

  it('leaves each process more time to stop than it takes', () => {
    const grace = (part: string): number =>
      Number(/terminationGracePeriodSeconds: (\d+)/.exec(chart.template(`${part}-deployment.yaml`))?.[1]);
    expect(grace('api')).toBeGreaterThan(15);
    expect(grace('worker')).toBeGreaterThan(35);
  });

  it('sets only what exists', () => {
    const inFiles = [chart.helpers, chart.template('configmap.yaml')].join('\n');
    const names = [...inFiles.matchAll(/^ *(?:- name: )?([A-Z][A-Z_]{3,})(?::|$)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(9);
    expect(names.filter((name) => !knownSettings.includes(name))).toEqual([]);
  });
});

describe(verifies('FR-29', 'the compose file'), () => {
  const lasting = Object.entries(compose.services).filter(([, { restart }]) => restart === 'unless-stopped');

  it('keeps every service within 2 CPUs and 2 GB, and brings it back', () => {
    expect(lasting.map(([name]) => name)).toEqual(['mongo', 'redis', 'api', 'worker', 'keycloak-db', 'keycloak']);
    for (const { deploy } of Object.values(compose.services)) {
      expect(deploy.resources.limits).toEqual({ cpus: '2', memory: '2G' });
      expect(deploy.resources.reservations).toEqual({ cpus: '1', memory: '1G' });
    }
  });

  it('asks every service for its health, ours by the check in their images', () => {
    const own = ['api', 'worker'];
    expect(lasting.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)).toEqual(own);
  });

  it('publishes no store, and nothing to other machines', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['api', 'keycloak']);
    expect(published.flatMap(([, { ports }]) => ports).filter((port) => !port?.startsWith('127.0.0.1:'))).toEqual([]);
    for (const name of ['mongo', 'redis']) expect(service(name).networks).toEqual(['stores']);
    expect(compose.networks['stores']?.internal).toBe(true);
  });

  it('starts Redis with a log, a password and no eviction, and MongoDB as a replica set with a root user', () => {
    expect(service('redis').command?.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction$/);
    expect(read('docker-compose.yml')).toContain(`printf 'requirepass %s\\n' "$$REDIS_PASSWORD"`);
    expect(service('mongo').command?.join(' ')).toMatch(/--replSet rs0 --keyFile/);
    expect(service('mongo').environment?.['MONGO_INITDB_ROOT_USERNAME']).toBe('root');
  });

  it('stops with the name of a secret that is missing', () => {
    const secrets = Object.values(compose.services)
      .filter(({ profiles }) => !profiles)
      .flatMap(({ environment }) => Object.entries(environment ?? {}))
      .filter(([name]) => /PASSWORD|SECRET|KEY$|URI|REDIS_URL/.test(name))
      // Either of two ways for mail is enough, the processes themselves say so; keys change twice a year.
      .filter(([name]) => name !== 'RESEND_API_KEY' && !name.endsWith('_PREVIOUS'));
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter(([, value]) => !/\$\{\w+:\?/.test(value))).toEqual([]);
  });

  it('passes keys that are being changed on, when they are set', () => {
    const previous = (name: string): string[] =>
      Object.keys(service(name).environment ?? {}).filter((key) => key.endsWith('_PREVIOUS'));
    expect(previous('api')).toEqual(['INTEGRATION_ENC_KEY_PREVIOUS', 'JWT_SECRET_PREVIOUS']);
    expect(previous('worker')).toEqual(['INTEGRATION_ENC_KEY_PREVIOUS']);
    expect(service('api').environment?.['JWT_SECRET_PREVIOUS']).toBe('${JWT_SECRET_PREVIOUS:-}');
    expect(service('worker').environment?.['INTEGRATION_ENC_KEY_PREVIOUS']).toBe('${INTEGRATION_ENC_KEY_PREVIOUS:-}');
  });

  it('brings an identity provider with its database only when asked', () => {
    const optional = Object.entries(compose.services).filter(([, { profiles }]) => profiles);
    expect(optional.map(([name]) => name)).toEqual(['keycloak-db', 'keycloak']);
  });

  it.each(['api', 'worker', 'migrate'])('gives the %s settings that production accepts', (name) => {
    let count = 0;
    const filled = (text: string): string =>
      text.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_all, variable: string, kind: string, rest: string) => {
        if (kind !== '?') return rest;
        count += 1;
        // Made of the name, so that one variable is the same everywhere and no two are equal.
        return Buffer.from(`${variable}-0123456789abcdefghijklmnopqrstuvwxyz`).subarray(0, 32).toString('hex');
      });
    const settings = Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, filled(value)]);
    expect(settings.filter(([key = '']) => !knownSettings.includes(key))).toEqual([]);
    const production = Object.fromEntries([
      // What the process itself does not need; all classes are loaded here.
      ...['JWT_SECRET', 'REFRESH_SECRET', 'INTEGRATION_ENC_KEY', 'OPENAI_KEY'].map((key) => [
        key,
        filled(`\${${key}:?}`),
      ]),
      ...settings,
      // What is no secret has a form of its own.
      ['SMTP_URL', 'smtps://mail.example.com'],
      ['RESEND_FROM_EMAIL', 'FlowMate <mail@example.com>'],
      ['PUBLIC_APP_URL', 'https://flowmate.example.com'],
    ]) as Record<string, string>;
    expect(() => loadEnv(ALL_ENV, { variables: production })).not.toThrow();
    expect(count).toBeGreaterThan(3);
  });
});

describe('the version in packages', () => {
  it.each([
    ['helm/flowmate/Chart.yaml', /^appVersion: (\S+)$/m],
    ['helm/flowmate/Chart.yaml', /^version: (\S+)$/m],
    ['Dockerfile.api', /^ARG VERSION=(\S+)$/m],
    ['Dockerfile.worker', /^ARG VERSION=(\S+)$/m],
    ['docker-compose.yml', /^ {2}image: flowmate-api:\$\{FLOWMATE_VERSION:-(\S+)\}$/m],
  ])('in %s is that of the code', (path, pattern) => {
    expect(pattern.exec(read(path))?.[1]).toBe(VERSION);
  });
});
