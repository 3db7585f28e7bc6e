import { parseArgs } from 'node:util';
import { diskFullTrial } from './disk-full.ts';
import { killTrial } from './kills.ts';

/** `node tools/embedded/mongo/trials/run.ts [--kills 50]`: what the embedded MongoDB has to survive, as two tables. */
const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' } } });

console.table(asRows(await killTrial(Number(values.kills))));
const full = await diskFullTrial();
if (full) console.table(asRows(full));
else console.log('no small disk could be mounted here, so it was not filled');

function asRows(result: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') || 'none' : value]),
  );
}
