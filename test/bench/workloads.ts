/** What pgbench does while the cost is measured. */

export type Protocol = 'simple' | 'extended' | 'prepared';

export interface Workload {
  /** Such as select-prepared. */
  name: string;
  protocol: Protocol;
  /** pgbench's options for the script. */
  script: readonly string[];
  /** EndCommand fires so often in one transaction of the script. */
  statementsPerTransaction: number;
}

const PROTOCOLS: readonly Protocol[] = ['simple', 'extended', 'prepared'];

const SCRIPTS = {
  select: { script: ['--builtin=select-only'], statementsPerTransaction: 1 },
  // begin, update, select, update, update, insert, end
  tpcb: { script: ['--builtin=tpcb-like'], statementsPerTransaction: 7 },
};

export const WORKLOADS: readonly Workload[] = Object.entries(SCRIPTS).flatMap(([script, settings]) =>
  PROTOCOLS.map((protocol) => ({ name: `${script}-${protocol}`, protocol, ...settings })),
);

const COLUMNS = [
  'abalance',
  'aid',
  'bid',
  'filler',
  'aid, bid',
  'aid, abalance',
  'abalance + bid',
  'abs(abalance)',
  'coalesce(abalance, 0)',
  'length(filler)',
];

const CONDITIONS = [
  'aid = :aid',
  'aid in (:aid, 7)',
  'aid = :aid and bid > 0',
  'aid = :aid and abalance is not null',
  'aid = :aid or aid = 17',
  'aid between :aid and :aid + 1',
  'aid = :aid and filler is not null',
  'aid >= :aid order by aid limit 1',
  'aid = :aid and bid between 1 and 1000',
  'aid = :aid limit 1',
];

/** Scripts for pgbench of 100 different queries, one statement each. */
export function hundredQueries(): string[] {
  return CONDITIONS.flatMap((condition) =>
    COLUMNS.map(
      (columns) =>
        `\\set aid random(1, 100000 * :scale)\nSELECT ${columns} FROM pgbench_accounts WHERE ${condition};\n`,
    ),
  );
}
