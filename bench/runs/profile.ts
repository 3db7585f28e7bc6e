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

export interface SelfTimes {
  /** Functions, most first. */
  readonly functions: string[][];
  /** The same by whose code it is. */
  readonly owners: string[][];
}

/** Where a process spent its time itself, of what it was not idle. */
export function selfTimes(folder: string, name: string): SelfTimes {
  const file = join(folder, `${name}.cpuprofile`);
  if (!existsSync(file)) return { functions: [], owners: [] };
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const [functions, owners] = [new Map<string, number>(), new Map<string, number>()];
  const add = (totals: Map<string, number>, key: string, micros: number): void =>
    void totals.set(key, (totals.get(key) ?? 0) + micros);
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    if (!node || IDLE.has(node.callFrame.functionName)) continue;
    const micros = timeDeltas[index] ?? 0;
    add(functions, placeOf(node), micros);
    add(owners, ownerOf(node), micros);
  }
  return { functions: topOf(functions), owners: topOf(owners) };
}

const IDLE = new Set(['(idle)', '(root)']);

function topOf(totals: ReadonlyMap<string, number>): string[][] {
  const all = [...totals.values()].reduce((sum, value) => sum + value, 0);
  const sorted = [...totals].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return sorted.map(([key, micros]) => [key, `${((micros / all) * 100).toFixed(1)} %`]);
}

const pathOf = (url: string): string => (url.startsWith('file://') ? relative(ROOT, new URL(url).pathname) : url);

function placeOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  if (url === '') return functionName;
  return `${functionName || '(anonymous)'} ${pathOf(url)}:${lineNumber + 1}`;
}

/** A package, a library of ours, Node itself, or what the engine calls itself. */
function ownerOf({ callFrame: { functionName, url } }: Node): string {
  const path = pathOf(url);
  const [, vendor] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (vendor !== undefined) return vendor;
  const [, ours] = /^dist\/((?:apps|libs)\/[^/]+)/.exec(path) ?? [];
  if (ours !== undefined) return ours;
  if (path.startsWith('node:')) return 'node';
  return functionName.startsWith('(') ? functionName : 'native calls of node';
}
