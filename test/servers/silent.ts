/**
 * A server with an exported function that is never called, as if the compiler had inlined it: in a copy of the executable the
 * symbol points to another function. The server itself does not use its own symbol table.
 */
import { readFile, writeFile } from 'node:fs/promises';

const SHT_DYNSYM = 11;
const SYMBOL_BYTES = 24;

interface Section {
  type: number;
  offset: number;
  size: number;
  link: number;
}

function sectionsOf(file: Buffer): Section[] {
  const table = Number(file.readBigUInt64LE(0x28));
  const bytes = file.readUInt16LE(0x3a);
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, i) => {
    const at = table + i * bytes;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 0x18)),
      size: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
    };
  });
}

/** Where each exported symbol's entry is in the file, by name. */
export function exportedSymbols(file: Buffer): Map<string, number> {
  const sections = sectionsOf(file);
  const symbols = sections.find(({ type }) => type === SHT_DYNSYM);
  const names = symbols && sections[symbols.link];
  if (!symbols || !names) throw new Error('this executable exports nothing');
  const entries = new Map<string, number>();
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += SYMBOL_BYTES) {
    const begin = names.offset + file.readUInt32LE(at);
    entries.set(file.toString('latin1', begin, file.indexOf(0, begin)), at);
  }
  return entries;
}

/** Makes the exported `name` of the executable the address of `other`. */
export async function redirectSymbol(path: string, name: string, other: string): Promise<void> {
  const file = await readFile(path);
  const symbols = exportedSymbols(file);
  const [from, to] = [symbols.get(name), symbols.get(other)];
  if (from === undefined || to === undefined) throw new Error(`${path} does not export both ${name} and ${other}`);
  file.copy(file, from + 8, to + 8, to + SYMBOL_BYTES);
  await writeFile(path, file);
}
