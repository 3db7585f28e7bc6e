import { AuditVerifier } from '@flowmate/audit';
import {
  AppEnv,
  ConfigError,
  DatabaseEnv,
  developmentSecrets,
  EncryptionEnv,
  loadEnv,
  type Environment,
} from '@flowmate/config';
import { AuditRepository, CanaryRepository, Database, Migrator, StoreExamination } from '@flowmate/database';
import { INSTANCE_TRAIL } from '@flowmate/domain';
import { auditChain } from '../administration.js';
import { isInstanceTrailLost } from '../lost-trail.js';
import { fail, misconfigured, ok, skipped, warn, type Finding } from './finding.js';
import { ListeningLog } from './listening-log.js';
import { settingsOf } from './settings.check.js';

/** As long as tokens forgive it; beyond it no process is ready. */
const MAX_SKEW_MS = 30_000;
/** A clock that is kept in time by NTP is never that far off. */
const NOTABLE_SKEW_MS = 5_000;
/** Four canaries fit into it. */
const MAX_SILENCE_MS = 60_000;
const SPOT_CHECK = 100;
const COMPARE = 'Compare it with the audit stream, and find out who writes to the database.';
/** Of what follows from the store, in the order in which it is told. */
const DEPENDENT = ['migrations', 'indexes', 'clock', 'workers', 'audit'] as const;
/** Where a checkout keeps what it makes for itself in development. */
const HOME = '.flowmate';

const cannot = (): Finding[] => DEPENDENT.map((check) => skipped(check, 'MongoDB has to be mended first'));

/** MongoDB, and everything that it can be asked about. */
export async function checkDatabase(signal: AbortSignal): Promise<Finding[]> {
  const env = settingsOf([AppEnv, DatabaseEnv]);
  if (!env) return [skipped('mongodb', 'its settings have to be mended first'), ...cannot()];
  const log = new ListeningLog();
  const parts = { app: env.get(AppEnv), settings: env.get(DatabaseEnv), role: 'cli', logger: log.logger } as const;
  let database: Database | undefined;
  try {
    database = new Database(parts);
    await database.connectInTime(signal);
    return await examine(database, signal);
  } catch (error) {
    return [unreachable(error, log), ...cannot()];
  } finally {
    await database?.close();
  }
}

function unreachable(error: unknown, log: ListeningLog): Finding {
  if (!(error instanceof ConfigError))
    return fail('mongodb', log.reason ?? 'does not answer', 'Start it, or mend MONGODB_URI.');
  const rules = error.problems.map(({ name, rule }) => `${name}: ${rule}`).join('; ');
  return misconfigured('mongodb', rules, 'docs/deployment.md tells which MongoDB it takes.');
}

async function examine(database: Database, signal: AbortSignal): Promise<Finding[]> {
  const checks = [
    ['mongodb', checkStore],
    ['migrations', checkMigrations],
    ['indexes', checkIndexes],
    ['clock', checkClock],
    ['workers', checkWorkers],
    ['audit', checkAudit],
  ] as const;
  const findings: Finding[] = [];
  for (const [name, check] of checks) {
    // oxlint-disable-next-line no-await-in-loop -- one question at a time: this is no load test
    findings.push(...(await check(database, signal).catch(() => [broken(name)])));
  }
  return findings;
}

const broken = (check: string): Finding => fail(check, 'could not be looked at', 'Look at the log of MongoDB.');

async function checkStore(database: Database): Promise<Finding[]> {
  const examination = new StoreExamination(database);
  const { version, replicaSet, isEmbedded } = await examination.facts();
  const ms = Math.ceil(await examination.majorityMs());
  const says = `version ${version}, the majority took a write in ${ms} ms`;
  if (isEmbedded) return [ok('mongodb', `${says}, the embedded one of npm start: not for production`)];
  if (replicaSet !== undefined) return [ok('mongodb', `${says}, replica set ${replicaSet}`)];
  return [warn('mongodb', `${says}, but it is no replica set`, 'Production needs one; a set of one node is enough.')];
}

async function checkMigrations(database: Database): Promise<Finding[]> {
  const migrator = new Migrator(database);
  const state = await migrator.state();
  if (state === 'newer')
    return [
      fail('migrations', 'the database is newer than this version', 'Run the version that made it, or a later one.'),
    ];
  const all = await migrator.status();
  const pending = all.filter((one) => one.state === 'pending').map(({ id }) => id);
  if (pending.length === 0) return [ok('migrations', `all ${all.length} have run`)];
  return [fail('migrations', `${pending.join(', ')} did not run yet`, 'Run `flowmate migrate up`.')];
}

async function checkIndexes(database: Database): Promise<Finding[]> {
  const missing = await new StoreExamination(database).missingIndexes();
  if (missing.length === 0) return [ok('indexes', 'all there')];
  if ((await new Migrator(database).state()) === 'pending')
    return [fail('indexes', `${missing.length} are missing`, 'Run `flowmate migrate up`.')];
  return missing.map(({ collection, fields, remedy }) =>
    fail('indexes', `${collection} (${fields}) is missing`, `In mongosh: ${remedy}`),
  );
}

async function checkClock(database: Database): Promise<Finding[]> {
  const { ms, storeTime } = await database.ping();
  // The store read its clock in the middle of the round trip.
  const skewMs = Math.round(Date.now() - ms / 2 - storeTime.getTime());
  const says = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} that of MongoDB`;
  const todo = 'Synchronise the clocks of both machines (NTP).';
  if (Math.abs(skewMs) > MAX_SKEW_MS) return [fail('clock', says, todo)];
  return [Math.abs(skewMs) > NOTABLE_SKEW_MS ? warn('clock', says, todo) : ok('clock', says)];
}

async function checkWorkers(database: Database): Promise<Finding[]> {
  const [latest, { storeTime }] = await Promise.all([new CanaryRepository(database).latest(), database.ping()]);
  const todo = 'Start a worker, or look at its log and its /health/details.';
  if (!latest) return [fail('workers', 'no job ever went round', todo)];
  const ageMs = Math.max(0, storeTime.getTime() - latest.at.getTime());
  const says = `the last job went round ${Math.round(ageMs / 1_000)} s ago`;
  return [ageMs > MAX_SILENCE_MS ? fail('workers', says, todo) : ok('workers', `${says}, version ${latest.version}`)];
}

async function checkAudit(database: Database, signal: AbortSignal): Promise<Finding[]> {
  const env = encryption();
  if (!env) return [skipped('audit', 'INTEGRATION_ENC_KEY has to be mended first')];
  if (await isInstanceTrailLost(database)) return [fail('audit', 'the trail of the instance is gone', COMPARE)];
  const verifier = new AuditVerifier(new AuditRepository(database), auditChain(env));
  const { entries, problems, problemCount } = await verifier.verifyLast(INSTANCE_TRAIL, SPOT_CHECK, signal);
  if (problemCount === 0) return [ok('audit', `the last ${entries} entries of the instance hold`)];
  const isOtherKey = problems.every(({ problem }) => problem === 'other_key');
  const says = `${problemCount} of the last ${entries} entries of the instance ${problemCount === 1 ? 'does' : 'do'} not hold`;
  const todo = isOtherKey
    ? 'They were recorded with another INTEGRATION_ENC_KEY: put that into INTEGRATION_ENC_KEY_PREVIOUS, or find out who changed it.'
    : `Run \`flowmate audit verify\`. ${COMPARE}`;
  return [fail('audit', says, todo)];
}

/** In development with the key that the processes made for themselves. */
function encryption(): Environment | undefined {
  try {
    return loadEnv([AppEnv, EncryptionEnv], { supply: developmentSecrets(HOME, () => undefined) });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
