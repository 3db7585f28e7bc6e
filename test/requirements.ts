import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** One promise of the product, as `docs/requirements.yaml` holds it. */
export interface Requirement {
  readonly id: string;
  readonly text: string;
  readonly status: 'done' | 'planned';
  /** Of a promise that is done: a test file that claims it. */
  readonly test?: string;
  /** Of a promise that is kept in part: what is missing. As long as it stands, no test may claim the promise. */
  readonly lacks?: string;
}

export interface Claim {
  readonly id: string;
  readonly file: string;
}

/** How many promises each source made, so that none can be left out. */
const PROMISED = { FM: 104, FR: 35, FS: 23, AP: 30, U: 23 } as const;

/** The files that Jest runs; a claim anywhere else would prove nothing. */
const TEST_FILES = ['{apps,libs}/*/src/**/*.spec.ts', '{test,tools}/**/*.spec.ts', 'apps/*/test/**/*.e2e-spec.ts'];

/** Titles also carry labels of rules and attack cases (R24, K05), which are no promises. */
const LABEL = /^[A-Z]\d\d$/;

const HEADER = `# What FlowMate promises. Ids are stable. A promise is done when a test claims it by verifies('<id>', …);
# what a planned one that is kept in part still lacks is said with it. test/requirements.spec.ts holds this page
# and the tests together; \`npm exec -- node test/requirements.ts\` writes status and test as the claims say.
`;

export function allIds(): string[] {
  return Object.entries(PROMISED).flatMap(([source, count]) =>
    Array.from({ length: count }, (_, index) => `${source}-${index + 1}`),
  );
}

/** The ids of every `verifies(…)` call in a source. Anything but string literals there is an error. */
export function claimsIn(source: string): string[] {
  return [...source.matchAll(/\bverifies\(/g)].flatMap(({ index, 0: call }) => {
    const line = source.slice(source.lastIndexOf('\n', index) + 1, index);
    if (/^\s*(\/\/|\*|\/\*)/.test(line)) return [];
    return literals(source, index + call.length).slice(0, -1);
  });
}

function literals(source: string, start: number): string[] {
  const literal = /\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)\s*,?\s*/y;
  literal.lastIndex = start;
  const found: string[] = [];
  let end = start;
  for (let match = literal.exec(source); match; match = literal.exec(source)) {
    found.push(match[1] ?? match[2] ?? match[3] ?? '');
    end = literal.lastIndex;
  }
  if (source[end] !== ')' || found.length < 2) throw new Error('verifies(…) takes string literals: ids, then a title.');
  return found;
}

export function readClaims(root: string): Claim[] {
  const files = TEST_FILES.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  return files.flatMap((file) => {
    const ids = claimsOf(root, file).filter((id) => !LABEL.test(id));
    return [...new Set(ids)].map((id) => ({ id, file }));
  });
}

function claimsOf(root: string, file: string): string[] {
  try {
    return claimsIn(readFileSync(join(root, file), 'utf8'));
  } catch (cause) {
    throw new Error(`The claims of ${file} cannot be read.`, { cause });
  }
}

const pageOf = (root: string): string => join(root, 'docs', 'requirements.yaml');

export function readRequirements(root: string): Requirement[] {
  return parse(readFileSync(pageOf(root), 'utf8')) as Requirement[];
}

export function render(requirements: readonly Requirement[]): string {
  return HEADER + stringify(requirements, { lineWidth: 0, singleQuote: true });
}

/** Status and test of every promise as the claims say. What still lacks something stays planned. */
export function asClaimed(requirements: readonly Requirement[], claims: readonly Claim[]): Requirement[] {
  return requirements.map(({ id, text, test, lacks }) => {
    const files = filesOf(id, claims);
    const [first] = files;
    if (lacks !== undefined) return { id, text, status: 'planned', lacks };
    if (first === undefined) return { id, text, status: 'planned' };
    return { id, text, status: 'done', test: test !== undefined && files.includes(test) ? test : first };
  });
}

/** Everything in which the page and the tests contradict each other, one line each. */
export function contradictions(requirements: readonly Requirement[], claims: readonly Claim[]): string[] {
  const known = new Set(requirements.map(({ id }) => id));
  const unknown = claims
    .filter(({ id }) => !known.has(id))
    .map(({ id, file }) => `${id}: claimed by ${file}, but no promise has this id.`);
  return [...unknown, ...requirements.flatMap((requirement) => contradiction(requirement, claims))];
}

function contradiction({ id, status, test, lacks }: Requirement, claims: readonly Claim[]): string[] {
  const files = filesOf(id, claims);
  const by = files.join(', ') || 'no test';
  if (status === 'done' && lacks !== undefined) return [`${id}: done, but it lacks ${lacks}.`];
  if (status === 'done' && test === undefined) return [`${id}: done, but it names no test (claimed by ${by}).`];
  if (status === 'done' && !files.includes(test ?? ''))
    return [`${id}: done by ${test}, which does not claim it (claimed by ${by}).`];
  if (status === 'planned' && test !== undefined) return [`${id}: planned, but it names a test.`];
  if (status === 'planned' && files.length > 0 && lacks !== undefined)
    return [`${id}: claimed by ${by}, but it lacks ${lacks}. Take the claim out, or remove "lacks".`];
  if (status === 'planned' && files.length > 0) return [`${id}: claimed by ${by}, but planned. Switch it to done.`];
  return [];
}

function filesOf(id: string, claims: readonly Claim[]): string[] {
  return claims.filter((claim) => claim.id === id).map(({ file }) => file);
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '..');
  writeFileSync(pageOf(root), render(asClaimed(readRequirements(root), readClaims(root))));
}
