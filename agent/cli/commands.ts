/** The commands of pgscope, in the order in which they are listed. */

import { agentCommand } from './agent.js';
import type { Command } from './command.js';
import { recordCommand } from './record.js';
import { reportCommand } from './report.js';
import { topCommand } from './top.js';

export const commands: readonly Command[] = [recordCommand, topCommand, reportCommand, agentCommand];
