/** Servers whose executable is another one than PostgreSQL's: a copy with changed bytes, beside the same libraries. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exportedSymbols } from '../servers/silent.js';
import { type Build, type Server, startServer } from '../servers.js';

/** A running server of this build, whose executable `change` has altered in place. The copy goes with the server. */
export async function startChangedServer(build: Build, change: (executable: Buffer) => void): Promise<Server> {
  const server = await startServer({ build });
  const { directory, installation } = server.cluster;
  await server.stop();
  const copy = join(directory, 'changed');
  mkdirSync(join(copy, 'bin'), { recursive: true });
  for (const beside of ['lib', 'share']) symlinkSync(join(dirname(installation.programs), beside), join(copy, beside));
  const path = join(copy, 'bin/postgres');
  await copyFile(join(installation.programs, 'postgres'), path);
  const executable = await readFile(path);
  change(executable);
  await writeFile(path, executable);
  installation.programs = dirname(path);
  await server.start();
  return server;
}

/** Makes `SELECT version()` say another major version of as many digits; the catalogs stay what they are. */
export function setMajor(executable: Buffer, from: number, to: number): void {
  const texts = executable
    .toString('latin1')
    .matchAll(new RegExp(`PostgreSQL ${from}(?=[.0-9a-z]+ on [^\\0]*, compiled by )`, 'g'));
  for (const { index } of texts) executable.write(`PostgreSQL ${to}`, index, 'latin1');
}

/** Makes an exported variable claim another size. */
export function setSize(executable: Buffer, symbol: string, bytes: bigint): void {
  executable.writeBigUInt64LE(bytes, entryOf(executable, symbol) + 16);
}

/** Takes a name out of what the executable exports: it loses its first character. A build that is not stripped still has it elsewhere. */
export function hideSymbol(executable: Buffer, symbol: string): void {
  const entry = entryOf(executable, symbol);
  executable.writeUInt32LE(executable.readUInt32LE(entry) + 1, entry);
}

function entryOf(executable: Buffer, symbol: string): number {
  const entry = exportedSymbols(executable).get(symbol);
  if (entry === undefined) throw new Error(`the executable does not export ${symbol}`);
  return entry;
}
