import { writeFile } from 'node:fs/promises';
import { wholeDocument } from './openapi/whole-document.js';

/** Writes openapi.json. */
const [, , path = 'openapi.json'] = process.argv;
await writeFile(path, await wholeDocument());
