/** Which processes belong to a server on this host, as the kernel can tell them apart. */

import { readlinkSync } from 'node:fs';
import { ProgramError } from './errors.js';
import type { TargetProcesses } from './source.js';

/** Inode of the kernel's first PID namespace (PROC_PID_INIT_INO of linux/proc_ns.h). */
const FIRST_NAMESPACE = 0xeffffffc;

/** `pid`: of the postmaster, as this process's /proc shows it. Throws a ProgramError where it has ended or cannot be told from others. */
export function processesOf(pid: number): TargetProcesses {
  const own = namespaceOf('self');
  if (own === FIRST_NAMESPACE) return { postmaster: pid };
  const pidNamespace = namespaceOf(pid);
  // In another namespace than the first one PIDs are not what the kernel calls them.
  if (pidNamespace !== own) return { pidNamespace };
  throw new ProgramError(
    `the server with PID ${pid} and pgscope are in one PID namespace, which is not the host's: share the PID namespace of the host`,
  );
}

function namespaceOf(process: number | 'self'): number {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${process}/ns/pid`))?.[1]);
  } catch {
    throw new ProgramError(`the process ${process} cannot be looked at: it has just ended, or this process may not`);
  }
}
