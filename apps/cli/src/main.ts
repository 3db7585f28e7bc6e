#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { EXIT_FAILED } from './command.js';
import { FlowmateCli } from './flowmate.cli.js';
import { ALL_COMMANDS } from './commands/all-commands.js';
import { PROCESS_TERMINAL } from './terminal.js';

// Whoever reads the results may stop early, as `head` does: then there is nobody left to tell anything.
process.stdout.on('error', () => process.exit(EXIT_FAILED));
// What `npm start` of this checkout has put there about its stores; what the environment says goes before it.
const FILES = ['.env', '.flowmate/stores/addresses.env'];
for (const file of FILES) if (existsSync(file)) loadEnvFile(file);

process.exitCode = await new FlowmateCli(ALL_COMMANDS, PROCESS_TERMINAL).run(process.argv.slice(2));
