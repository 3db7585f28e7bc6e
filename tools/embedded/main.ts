import { runEmbedded } from './supervisor/command-line.ts';

process.exitCode = await runEmbedded(process.argv.slice(2));
