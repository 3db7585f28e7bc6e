#!/usr/bin/env node
import { FlowmateCli } from './flowmate.cli.js';
import { ALL_COMMANDS } from './commands/all-commands.js';
import { PROCESS_TERMINAL } from './terminal.js';

process.exitCode = await new FlowmateCli(ALL_COMMANDS, PROCESS_TERMINAL).run(process.argv.slice(2));
