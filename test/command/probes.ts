/** Which BPF programs and links of pgscope's tracer the kernel has, and which process holds them. */
import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { type Command, eventually } from '../command.js';

const SOURCES = new URL('../../bpf/', import.meta.url);
const PROGRAM = /^int BPF_(?:KPROBE|KRETPROBE|PROG)\((\w+)/gm;
/** The kernel keeps 15 characters of a name; newer versions of bpftool show all of it. */
const KEPT_CHARACTERS = 15;

/** Names of the tracer's programs, both ways. */
const PROGRAMS = new Set(
  readdirSync(SOURCES)
    .filter((file) => /\.bpf\.[ch]$/.test(file))
    .flatMap((file) => [...readFileSync(new URL(file, SOURCES), 'utf8').matchAll(PROGRAM)])
    .flatMap(([, name = '']) => [name, name.slice(0, KEPT_CHARACTERS)]),
);
if (!PROGRAMS.has('end_command')) throw new Error('bpf/ does not show the names of the programs any more');

/** Ids. */
export interface Probes {
  programs: number[];
  links: number[];
}

/** Those that a process holds by its open files. */
export function probesOf(pid: number): Probes {
  const held: Probes = { programs: [], links: [] };
  for (const descriptor of descriptorsOf(pid)) {
    const [, program] = /^prog_id:\s+(\d+)/m.exec(descriptor) ?? [];
    const [, link] = /^link_id:\s+(\d+)/m.exec(descriptor) ?? [];
    if (link !== undefined) held.links.push(Number(link));
    else if (program !== undefined) held.programs.push(Number(program));
  }
  return held;
}

/** Those of the tracer's names that no process holds: pinned, or kept by something else. */
async function abandoned(): Promise<Probes> {
  const [programs, links] = await Promise.all([
    list<{ id: number; name?: string }>('prog'),
    list<{ id: number; prog_id?: number }>('link'),
  ]);
  const ours = new Set(programs.filter(({ name = '' }) => PROGRAMS.has(name)).map(({ id }) => id));
  const held = tracers().map(probesOf);
  const heldPrograms = new Set(held.flatMap((probes) => probes.programs));
  const heldLinks = new Set(held.flatMap((probes) => probes.links));
  return {
    programs: [...ours].filter((id) => !heldPrograms.has(id)),
    links: links.filter(({ id, prog_id = 0 }) => ours.has(prog_id) && !heldLinks.has(id)).map(({ id }) => id),
  };
}

/** Waits until no process of the command runs and none of the tracer's probes is left without a process. */
export async function expectNothingLeft(command: Command, held: Probes = { programs: [], links: [] }): Promise<void> {
  await eventually(`the end of the processes ${command.processes()}`, () => command.processes().length === 0);
  await expectNoneAbandoned();
  await eventually('the end of its probes', async () => !(await exist(held)));
}

/** Whether the kernel still has any of these. */
export async function exist({ programs, links }: Probes): Promise<boolean> {
  const [allPrograms, allLinks] = await Promise.all([list('prog'), list('link')]);
  return allPrograms.some(({ id }) => programs.includes(id)) || allLinks.some(({ id }) => links.includes(id));
}

/** Waits until none of the tracer's probes is left without a process. */
export async function expectNoneAbandoned(): Promise<void> {
  await eventually('the end of the probes', async () => {
    const { programs, links } = await abandoned();
    return programs.length + links.length === 0;
  });
}

async function list<Row extends { id: number }>(kind: 'prog' | 'link'): Promise<Row[]> {
  const { stdout } = await execa('bpftool', [kind, 'list', '--json'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return JSON.parse(stdout) as Row[];
}

function tracers(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readOptional(`/proc/${pid}/comm`).startsWith('pgscope-tracer'));
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readOptional(`/proc/${pid}/fdinfo/${fd}`));
  } catch {
    return [];
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
