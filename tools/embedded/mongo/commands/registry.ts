import { AGGREGATE_COMMANDS } from './aggregate.ts';
import type { Command } from './call.ts';
import { CATALOGUE_COMMANDS } from './catalogue.ts';
import { DELETE } from './delete.ts';
import { DIAGNOSTIC_COMMANDS } from './diagnostics.ts';
import { EXPLAIN } from './explain.ts';
import { FIND_AND_MODIFY } from './find-and-modify.ts';
import { FIND_COMMANDS } from './find.ts';
import { HELLO_COMMANDS } from './hello.ts';
import { INSERT } from './insert.ts';
import { LOGIN_COMMANDS } from './login.ts';
import { UPDATE } from './update.ts';

/** Every command that is answered. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...HELLO_COMMANDS,
    ...LOGIN_COMMANDS,
    ...FIND_COMMANDS,
    ...AGGREGATE_COMMANDS,
    insert: INSERT,
    update: UPDATE,
    delete: DELETE,
    findAndModify: FIND_AND_MODIFY,
    findandmodify: FIND_AND_MODIFY,
    ...CATALOGUE_COMMANDS,
    ...DIAGNOSTIC_COMMANDS,
    explain: EXPLAIN,
  }),
);
