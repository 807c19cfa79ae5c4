/** What the clients of all servers are at, and who holds the memory. */
import type { ProcessMemory } from '../../tracer.js';
import { compactBytes } from '../quantities.js';
import { cut, type Line, line, row } from './lines.js';
import type { ServerFacts, View } from './view.js';

const MOST_PROCESSES = 5;

/** `12 clients: 3 active, 9 idle · memory 120M + 90M shared`; undefined before the first interval. */
export function sessionsText(servers: readonly ServerFacts[]): string | undefined {
  const known = servers.flatMap(({ sessions }) => (sessions === undefined ? [] : [sessions]));
  if (known.length === 0) return undefined;
  const states = new Map<string, number>();
  for (const { states: counted } of known)
    for (const [state, count] of Object.entries(counted)) states.set(state, (states.get(state) ?? 0) + count);
  const clients = [...states.values()].reduce((all, count) => all + count, 0);
  const present = [...states].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const list = present.map(([state, count]) => `${count} ${state}`).join(', ');
  const bytes = (of: 'privateBytes' | 'sharedBytes') => compactBytes(known.reduce((sum, each) => sum + each[of], 0));
  const memory = `memory ${bytes('privateBytes')} + ${bytes('sharedBytes')} shared`;
  if (states.size === 0) return memory;
  return `${clients} ${clients === 1 ? 'client' : 'clients'}${list === '' ? '' : `: ${list}`} · ${memory}`;
}

interface Column {
  title: string;
  width: number;
  align?: 'left';
  cell(each: ProcessMemory): string;
}

const COLUMNS: Column[] = [
  { title: 'LARGEST PROCESSES', width: 28, align: 'left', cell: ({ backendType }) => backendType },
  { title: 'PID', width: 7, cell: ({ pid }) => String(pid) },
  { title: 'PRIVATE', width: 7, cell: ({ privateBytes }) => compactBytes(privateBytes) },
  { title: 'GROWN', width: 6, cell: ({ grownBytes }) => (grownBytes === 0 ? '' : `+${compactBytes(grownBytes)}`) },
];
const APPLICATION: Omit<Column, 'width'> = {
  title: 'APPLICATION',
  align: 'left',
  cell: ({ application = '' }) => application,
};

/** The processes with most private memory; empty before the first interval. */
export function memoryTable({ servers }: View, columns: number): Line[] {
  const largest = servers
    .flatMap(({ sessions }) => sessions?.largest ?? [])
    .sort((a, b) => b.privateBytes - a.privateBytes)
    .slice(0, MOST_PROCESSES);
  if (largest.length === 0) return [];
  const used = COLUMNS.reduce((sum, { width }) => sum + width + 1, 0);
  const shape: Column[] = [...COLUMNS, { ...APPLICATION, width: Math.max(10, columns - used) }];
  const heading = row(
    shape.map(({ title, ...shape }) => ({ ...shape, text: title })),
    'heading',
  );
  const rows = largest.map((each) => row(shape.map(({ cell, ...shape }) => ({ ...shape, text: cell(each) }))));
  return [line(''), heading, ...rows].map((each) => cut(each, columns));
}
