/** The commands of pgscope, in the order in which they are listed. Each one's code is loaded when it is run: an agent keeps no other's for months. */

import { AGENT_HELP } from './agent/help.js';
import type { Command } from './command.js';
import { RECORD_HELP } from './record/help.js';
import { REPORT_HELP } from './report/help.js';
import { RUN_HELP } from './run/help.js';
import { TOP_HELP } from './top/help.js';

export const commands: readonly Command[] = [
  {
    name: 'record',
    summary: 'record servers, export spans and metrics, end with a table',
    help: RECORD_HELP,
    run: async (argv, io) => await (await import('./record.js')).runRecord(argv, io),
  },
  {
    name: 'top',
    summary: 'show live which queries take the time, and what they wait for',
    help: TOP_HELP,
    run: async (argv, io) => await (await import('./top.js')).runTop(argv, io),
  },
  {
    name: 'report',
    summary: 'make an HTML page from a recording',
    help: REPORT_HELP,
    run: async (argv, io) => await (await import('./report.js')).runReport(argv, io),
  },
  {
    name: 'run',
    summary: 'run a trace program (bpftrace) for servers, show and export it',
    help: RUN_HELP,
    run: async (argv, io) => await (await import('./run.js')).runRun(argv, io),
  },
  {
    name: 'agent',
    summary: "profile a Kubernetes node's servers, as its NodeProfiles ask for",
    help: AGENT_HELP,
    run: async (argv, io) => await (await import('./agent.js')).runAgent(argv, io),
  },
];
