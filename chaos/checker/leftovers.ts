import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_JOB } from '@flowmate/queue';
import type { System } from '../system/system.js';
import type { Violation } from './invariants.js';

/** Lines that no process of ours may ever write. */
const UNHANDLED = /unhandledRejection|uncaughtException/;

function logsOf(folder: string): Array<{ readonly name: string; readonly text: string }> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** I7: nobody has, locks or waits for a run any more. */
export async function leftovers({ world, profile }: System): Promise<Violation[]> {
  const owner = await world.watch.ownerAfter('');
  const violations: Violation[] = owner === null ? [] : [{ rule: 'I7', what: `${owner} still has runs` }];
  const { waiting, active } = await world.producer.count(RUN_JOB.queue);
  // A bell that was taken by a worker that was killed belongs to it until its lock is over.
  const limit = profile.lock ? 0 : Number.POSITIVE_INFINITY;
  if (waiting + active > limit) violations.push({ rule: 'I7', what: `${waiting} bells wait, ${active} are taken` });
  return violations;
}

/** I8 and I9: no secret in a log or in Redis, nothing that nobody handled. */
export async function words({ folder, secrets, stores }: System, mayReject = false): Promise<Violation[]> {
  const logs = logsOf(folder);
  const leaked = logs.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
  const unhandled = mayReject ? [] : logs.filter(({ text }) => UNHANDLED.test(text));
  const keys = await stores.redis.send('KEYS', '*');
  return [
    ...leaked.map(({ name }) => ({ rule: 'I8', what: `a secret is in ${name}` })),
    ...(secrets.some((secret) => keys.includes(secret)) ? [{ rule: 'I8', what: 'a secret is in Redis' }] : []),
    ...unhandled.map(({ name }) => ({ rule: 'I9', what: `something unhandled in ${name}` })),
  ];
}
