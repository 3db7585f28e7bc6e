import { build } from '../tools/launcher/build.mjs';
import { prepare } from '../tools/launcher/prepare.mjs';
import { ROOT } from '../tools/launcher/project.mjs';
import { createTerminal, exitCodeOf } from '../tools/launcher/terminal.mjs';

// What is measured is what the build makes of the sources as they are now.
const { signal } = new AbortController();
const terminal = createTerminal();
process.exitCode = await exitCodeOf(terminal, signal, async () => {
  await prepare({ root: ROOT, signal, terminal }, [build]);
  return 0;
});
