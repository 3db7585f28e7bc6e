import { launch } from './launch.mjs';
import { CHILDREN, ROOT } from './project.mjs';

process.exit(await launch({ root: ROOT, argv: process.argv.slice(2), children: CHILDREN }));
