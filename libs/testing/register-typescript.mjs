// `node --import ./libs/testing/register-typescript.mjs some.ts` runs TypeScript as the build compiles it,
// so that tests can start our code in a real process of its own, without a build.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

const root = join(import.meta.dirname, '..', '..');

registerHooks({
  resolve(specifier, context, next) {
    const library = /^@flowmate\/([a-z-]+)$/.exec(specifier);
    if (library)
      return { url: pathToFileURL(join(root, 'libs', library[1], 'src', 'index.ts')).href, shortCircuit: true };
    const isOurs = context.parentURL?.endsWith('.ts') && specifier.startsWith('.');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
      configFile: join(root, '.swcrc'),
      filename: fileURLToPath(url),
      sourceMaps: 'inline',
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
