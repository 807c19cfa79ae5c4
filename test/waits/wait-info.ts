/** The number that a process of a server has in PGPROC.wait_event_info, read and written through /proc/PID/mem. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { exportedSymbols } from '../servers/silent.js';

/** ELF: this executable is loaded where its addresses say. */
const ET_EXEC = 2;
/** Of the symbol that points to the number; every version from 14 on exports it. */
const SYMBOL = 'my_wait_event_info';

export interface WaitInfo {
  read(pid: number): number;
  /** For a process that sleeps: it stays until the wait ends. Only tests write to a server's memory. */
  write(pid: number, info: number): void;
}

export function waitInfoOf(executable: string): WaitInfo {
  const file = readFileSync(executable);
  const entry = exportedSymbols(file).get(SYMBOL);
  if (entry === undefined) throw new Error(`${executable} does not export ${SYMBOL}`);
  const symbol = file.readBigUInt64LE(entry + 8);
  const isMovable = file.readUInt16LE(0x10) !== ET_EXEC;
  const addressIn = (pid: number, memory: number): bigint =>
    readMemory(memory, symbol + (isMovable ? loadAddress(pid) : 0n), 8).readBigUInt64LE();
  return {
    read: (pid) => withMemory(pid, 'r', (memory) => readMemory(memory, addressIn(pid, memory), 4).readUInt32LE()),
    write: (pid, info) =>
      withMemory(pid, 'r+', (memory) => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(info);
        writeSync(memory, bytes, 0, 4, Number(addressIn(pid, memory)));
      }),
  };
}

/** Where the kernel has put the beginning of the executable. */
function loadAddress(pid: number): bigint {
  const start = /^([0-9a-f]+)-\S+ \S+ 00000000 .*\/bin\/postgres$/m.exec(
    readFileSync(`/proc/${pid}/maps`, 'utf8'),
  )?.[1];
  if (start === undefined) throw new Error(`process ${pid} has no postgres in its memory`);
  return BigInt(`0x${start}`);
}

function withMemory<Result>(pid: number, flags: string, use: (memory: number) => Result): Result {
  const memory = openSync(`/proc/${pid}/mem`, flags);
  try {
    return use(memory);
  } finally {
    closeSync(memory);
  }
}

function readMemory(memory: number, address: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(memory, bytes, 0, length, address) !== length) throw new Error(`no memory at ${address.toString(16)}`);
  return bytes;
}
