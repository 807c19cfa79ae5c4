/** Writes docs/commands.md from the commands' help texts: `node dist/scripts/generate-command-reference.js`. */
import { writeFileSync } from 'node:fs';
import { commandReference } from '../agent/cli/reference.js';

writeFileSync('docs/commands.md', commandReference());
console.log('wrote docs/commands.md');
