import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ROOT, helm, libraries } from './checkers.mjs';
import { parseManifests, strictFaults } from './manifests.mjs';
import { run } from './run.mjs';

const CHART = join(ROOT, 'helm', 'flowmate');

/** Every branch of the templates is taken by one of these. */
const VARIANTS = [
  { release: 'flowmate', set: [] },
  {
    release: 'staging',
    set: [
      'existingSecret=other-secrets',
      'image.registry=registry.example.com/team',
      'image.tag=1.2.3',
      'image.pullSecrets[0].name=pull',
      'config.LOG_LEVEL=debug',
      'api.replicas=1',
      'api.trustProxy=10.0.0.0/8',
      'api.service.type=LoadBalancer',
      'worker.replicas=0',
      'migration.enabled=false',
    ],
  },
];

/** Values that the schema must not let through. */
const REFUSED = [
  'replicas=3',
  'api.replicaCount=3',
  'api.replicas=0',
  'existingSecret=',
  'config.JWT_SECRET=x',
  'config.PORT=80',
  'config.API_REPLICAS=9',
  'config.TRUST_PROXY=1',
  'api.trustProxy=everybody',
  'config.log_level=debug',
  'api.resources.limits.memroy=1Gi',
  'image.pullPolicy=Sometimes',
];

/** Helm's lint, the schema's refusals, the types of Kubernetes, and the promises about numbers and rights. */
export function checkChart() {
  const binary = helm();
  const folder = libraries();
  const lint = run(binary, ['lint', '--strict', '--quiet', CHART]);
  assert.equal(lint.code, 0, lint.output);
  for (const value of REFUSED) {
    const { code } = run(binary, ['template', 'flowmate', CHART, '--set-string', value]);
    assert.notEqual(code, 0, `the schema lets ${value} through`);
  }
  const rendered = VARIANTS.map(({ release, set }) => {
    const args = ['template', release, CHART, ...set.flatMap((value) => ['--set', value])];
    const { code, output, stdout } = run(binary, args);
    assert.equal(code, 0, output);
    return parseManifests(stdout);
  });
  assert.equal(strictFaults(rendered.flat(), folder), '', 'a manifest is not what Kubernetes knows');
  proveStrictness(rendered[0] ?? [], folder);
  checkPromises(rendered[0] ?? []);
  checkLimits(rendered);
  for (const manifests of rendered) checkRights(manifests);
  return `${rendered.flat().length} manifests of ${VARIANTS.length} variants, ${REFUSED.length} wrong values refused`;
}

/**
 * A check that lets everything through looks like one that passes.
 * @param {import('./manifests.mjs').Manifest[]} manifests
 * @param {string} folder
 */
function proveStrictness(manifests, folder) {
  const spoilt = structuredClone(manifests);
  podOf(find(spoilt, 'Deployment', 'flowmate-api')).containers[0].readinesProbe = {};
  assert.match(strictFaults(spoilt, folder), /readinesProbe/, 'the strict check lets an unknown field through');
}

/** @param {import('./manifests.mjs').Manifest[]} manifests */
function checkPromises(manifests) {
  const api = find(manifests, 'Deployment', 'flowmate-api');
  const worker = find(manifests, 'Deployment', 'flowmate-worker');
  assert.equal(api.spec.replicas, 3);
  assert.deepEqual(podOf(api).containers[0].ports[0], { name: 'http', containerPort: 9000 });
  for (const deployment of [api, worker]) {
    const [{ livenessProbe, readinessProbe, startupProbe, env }] = podOf(deployment).containers;
    assert.deepEqual(timing(livenessProbe), ['/health/live', 10, 10, 5, 3]);
    assert.deepEqual(timing(readinessProbe), ['/health/ready', 5, 5, 3, 3]);
    assert.equal(startupProbe.httpGet.path, '/health/live');
    for (const { name, value, valueFrom } of env) {
      assert.equal(value, undefined, `${name} is written in the manifest`);
      assert.equal(valueFrom.secretKeyRef.name, 'flowmate-secrets');
    }
  }
  assert.ok(podOf(api).terminationGracePeriodSeconds > 10 + 5, 'the api gets less than preStop and its 10 s');
  assert.ok(podOf(worker).terminationGracePeriodSeconds > 35, 'the worker gets less than its 35 s');
  const migrate = find(manifests, 'Job', 'flowmate-migrate');
  assert.deepEqual(podOf(migrate).containers[0].args, ['dist/apps/cli/src/main.js', 'migrate', 'up']);
}

/**
 * How many share the limits, and whose word about addresses counts.
 * @param {import('./manifests.mjs').Manifest[][]} rendered
 */
function checkLimits([plain = [], varied = []]) {
  const { data: settings = {} } = find(plain, 'ConfigMap', 'flowmate');
  assert.deepEqual([settings.API_REPLICAS, settings.TRUST_PROXY], ['3', undefined]);
  const { data: others = {} } = find(varied, 'ConfigMap', 'staging-flowmate');
  assert.deepEqual([others.API_REPLICAS, others.TRUST_PROXY], ['1', '10.0.0.0/8']);
}

/** @param {import('./manifests.mjs').Manifest[]} manifests */
function checkRights(manifests) {
  for (const manifest of manifests.filter(({ kind }) => ['Deployment', 'Job', 'Pod'].includes(kind))) {
    const pod = podOf(manifest);
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.securityContext.runAsUser, 10001);
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
    for (const { securityContext, resources } of pod.containers) {
      assert.equal(securityContext.readOnlyRootFilesystem, true);
      assert.equal(securityContext.allowPrivilegeEscalation, false);
      assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] });
      assert.ok(resources.requests.memory && resources.limits.memory);
    }
  }
}

/** @param {{ httpGet: { path: string }, [name: string]: any }} probe */
function timing(probe) {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = probe;
  return [probe.httpGet.path, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold];
}

/** @param {import('./manifests.mjs').Manifest} manifest */
function podOf({ kind, spec }) {
  return kind === 'Pod' ? spec : spec.template.spec;
}

/**
 * @param {import('./manifests.mjs').Manifest[]} manifests
 * @param {string} kind
 * @param {string} name
 */
function find(manifests, kind, name) {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  assert.ok(found, `the chart makes no ${kind} ${name}`);
  return found;
}
