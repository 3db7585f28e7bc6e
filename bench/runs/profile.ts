import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../server-process.js';

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 12;

/** Where a process spent its time itself, most first, of what it was not idle. */
export function topSelfTimes(folder: string, name: string): string[][] {
  const file = join(folder, `${name}.cpuprofile`);
  if (!existsSync(file)) return [];
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const totals = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = placeOf(byId.get(id));
    if (place !== undefined) totals.set(place, (totals.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = [...totals.values()].reduce((sum, value) => sum + value, 0);
  const sorted = [...totals].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return sorted.map(([place, micros]) => [place, `${((micros / all) * 100).toFixed(1)} %`]);
}

function placeOf(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  const { functionName, url, lineNumber } = node.callFrame;
  if (functionName === '(idle)' || functionName === '(program)' || functionName === '(root)') return undefined;
  if (functionName === '(garbage collector)') return functionName;
  const path = url.startsWith('file://') ? relative(ROOT, new URL(url).pathname) : url;
  return `${functionName || '(anonymous)'} ${path}:${lineNumber + 1}`;
}
