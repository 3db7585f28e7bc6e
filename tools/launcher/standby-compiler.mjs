import { createRequire } from 'node:module';

// Runs on the project's Node, started by `compiler.mjs`: loads the Nest CLI, waits for the word, and then
// is `nest build api` to the letter. Loading takes more than twice as long as compiling.
process.once('disconnect', () => process.exit()); // the launcher is gone
process.once('message', () => void build());
await warmUp();

async function warmUp() {
  try {
    const require = createRequire(import.meta.url);
    require('@swc/cli/lib/swc/dir');
    require('@swc/core');
    await import('@nestjs/cli/commands/index.js');
  } catch {
    // Only time is lost: what is really missing, the build itself will say.
  }
}

async function build() {
  process.removeAllListeners('disconnect').disconnect(); // an open channel would keep it alive
  process.argv.splice(1, Infinity, 'nest', 'build', 'api');
  await import('@nestjs/cli/bin/nest.js');
}
