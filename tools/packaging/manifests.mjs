// Kubernetes drops fields that it does not know, or refuses them on the day of the release. Their types refuse them
// here: each manifest becomes a literal of its own type, and the compiler reads the file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './checkers.mjs';
import { run } from './run.mjs';

/** @typedef {{ apiVersion: string, kind: string, metadata: { name: string }, spec?: any, data?: Record<string, string> }} Manifest */

/**
 * @param {string} text
 * @returns {Manifest[]}
 */
export function parseManifests(text) {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  const errors = documents.flatMap((document) => document.errors ?? []);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return documents.map((document) => document.toJS()).filter((manifest) => manifest !== null);
}

/**
 * What the compiler says against the manifests; nothing when all is well.
 * @param {Manifest[]} manifests
 * @param {string} folder   one whose node_modules holds kubernetes-models
 */
export function strictFaults(manifests, folder) {
  const lines = manifests.flatMap((manifest, index) => {
    const module = `kubernetes-models/${manifest.apiVersion}/${manifest.kind}`;
    const type = `${manifest.kind}${index}`;
    return [
      `import type { I${manifest.kind} as ${type} } from '${module}';`,
      `export const ${manifest.kind.toLowerCase()}${index}: ${type} = ${JSON.stringify(manifest, null, 2)};`,
    ];
  });
  const file = join(folder, `manifests.${process.pid}.ts`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = run(process.execPath, [tsc, '--ignoreConfig', ...options, file], { cwd: folder });
  return code === 0 ? '' : output;
}
