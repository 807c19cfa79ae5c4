/** TraceProgram files: a description, and the source beside it that has the same name. Those of bpf/programs come with pgscope. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { readTraceProgramFile, type TraceProgramSpec } from './trace-program.js';

export const SOURCE_ENDINGS = ['.bt', '.bpftrace'];
/** A source has at most 64 KiB; this bounds what a mistaken file name costs. */
const MAX_BYTES = 256 * 1024;

export interface NamedProgram {
  /** `pg-cpudist`. */
  name: string;
  spec: TraceProgramSpec;
}

/** bpf/programs, seen from this file or from its compiled copy below dist/. */
export function shippedFolder(): string {
  const folders = ['..', '../..'].map((up) => join(import.meta.dirname, up, 'bpf/programs'));
  return folders.find(existsSync) ?? join(import.meta.dirname, '../bpf/programs');
}

/** Names of the sources that lie there, each with a description beside it; none where there is no such folder. */
export function programNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => SOURCE_ENDINGS.includes(extname(file)))
    .map(programName)
    .sort();
}

/** The program of this name, one of `programNames`. */
export function readProgram(folder: string, name: string): NamedProgram | { errors: string[] } {
  return readDescription(join(folder, `${name.replaceAll('-', '_')}.yaml`));
}

/** A description, with the source that has the same name beside it unless it holds one. */
export function readDescription(file: string): NamedProgram | { errors: string[] } {
  const stem = file.slice(0, -extname(file).length);
  const beside = SOURCE_ENDINGS.map((ending) => stem + ending).find(existsSync);
  const description = readText(file);
  if ('errors' in description) return description;
  const source = beside === undefined ? undefined : readText(beside);
  if (source !== undefined && 'errors' in source) return source;
  const result = readTraceProgramFile(description.text, source?.text);
  if ('errors' in result) return { errors: result.errors.map((error) => `${file}: ${error}`) };
  return { name: result.name ?? programName(file), spec: result.spec };
}

/** `pg-cpudist` of `…/pg_cpudist.bt`. */
export function programName(file: string): string {
  return basename(file, extname(file)).replaceAll('_', '-');
}

export function readText(file: string): { text: string } | { errors: string[] } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { errors: [`${file} cannot be read: ${(error as Error).message}`] };
  }
  if (bytes.length <= MAX_BYTES) return { text: bytes.toString() };
  return { errors: [`${file} has ${bytes.length} bytes; at most ${MAX_BYTES} are read`] };
}
