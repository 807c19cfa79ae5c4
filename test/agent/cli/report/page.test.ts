import { Script } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gather } from '../../../../agent/cli/report/gather.js';
import { renderPage } from '../../../../agent/cli/report/page.js';
import { conditionOf } from '../../../../agent/cli/sqlstate.js';
import {
  boundsMetric,
  durationMetric,
  fileOf,
  keyValues,
  logsLine,
  metricsLine,
  programLine,
  spansLine,
  sumMetric,
  temporaryPath,
} from './lines.js';
import { recordShop } from './shop.js';

const HOSTILE = `</script></style><img src=x onerror=alert(1)>"'><svg/onload=x> \u202e\u0000&lt;`;

/** Everything between `<` and `>`, and what is left without it. */
function tagsOf(page: string): string[] {
  return page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1></$1>').match(/<[^>]*>/g) ?? [];
}

function sectionOf(page: string, id: string): string {
  return new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
}

describe('the page of a shop', () => {
  let page = '';
  beforeAll(async () => {
    const path = await temporaryPath('shop.jsonl');
    await recordShop(path, { seconds: 120, losses: { recordsRateLimitedSlow: 1234 } });
    page = renderPage(await gather(path), 'shop.jsonl');
  }, 60_000);

  test('has its title, its numbers and all of its sections', () => {
    expect(page).toContain('<h1>PostgreSQL 18.4 on shop-db-1</h1>');
    expect(page).toContain('2026-01-02 14:30:05 – 14:32:05 UTC, 2.00 min');
    const sections = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id);
    expect(sections).toEqual([
      'sessions',
      'time',
      'load',
      'latency',
      'queries',
      'locks',
      'background',
      'io',
      'slowest',
      'failures',
      'recorded',
    ]);
    expect(page).not.toContain('class="empty"');
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test('says first what is missing', () => {
    expect(page).toContain(
      '<b>1,234</b> lost while capturing: records rate limited slow <code>recordsRateLimitedSlow</code>',
    );
    expect(page.indexOf('class="losses"')).toBeLessThan(page.indexOf('id="sessions"'));
  });

  test('needs nothing from outside', () => {
    for (const tag of tagsOf(page)) expect(tag).not.toMatch(/\s(src|href|action|data|poster)="(?!data:,")/);
    expect(page).not.toMatch(/https?:\/\/|@import|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  test('shows sessions by class, their shares together the whole', () => {
    const sessions = sectionOf(page, 'sessions');
    for (const style of ['w-cpu', 'w-run-queue', 'w-io', 'w-lock', 'w-lwlock'])
      expect(sessions).toContain(`class="band ${style}"`);
    const shares = [...sessions.matchAll(/class="number">([\d.]+) %/g)].map(([, share]) => Number(share));
    expect(shares).toHaveLength(5);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  });

  test('shows where time went event by event, for all and for each query', () => {
    expect(sectionOf(page, 'time')).toMatch(
      /Lock:transactionid<\/th>(<td>[^<]*<\/td>\s*){4}<td class="text">UPDATE products \(100 %\)/,
    );
    const update =
      /<tbody id="query-\d+">(?:(?!<\/tbody><tbody)[\s\S])*?UPDATE products SET stock[\s\S]*?<\/tbody><\/table>/.exec(
        page,
      );
    expect(update?.[0]).toMatch(/Lock:transactionid<[\s\S]*LWLock:WALWrite</);
  });

  test('shows chains of locks link by link, and the time of each with the statement at its beginning', () => {
    const locks = sectionOf(page, 'locks');
    // 4 s, of 5.5 s the 3 s meanwhile, of 3 s (that is 3 to 6) the 2 s in which all three waited.
    expect(locks).toMatch(
      /<b>UPDATE products<\/b><code title="UPDATE products SET price = \$1">[^<]*<\/code><\/th>\s*<td>18.0 s<\/td>/,
    );
    expect(locks).toMatch(/Captured statements waited 25\.\d s for locks, in \d+ waits\./);
    const lanes = Array.from(locks.matchAll(/padding-left:([\d.]+)em"><b>(?:└ )?PID (\d+)</g), ([, indent, pid]) => [
      indent,
      pid,
    ]);
    expect(lanes.slice(0, 4)).toEqual([
      ['0', '6001'],
      ['1.1', '6002'],
      ['2.2', '6003'],
      ['3.3', '6004'],
    ]);
    expect(locks).toMatch(/<small>idle in transaction · open 1\.00 s before the first wait · checkout</);
    expect(locks).toMatch(/<small>AccessExclusiveLock on relation 16384 · checkout</);
    expect(locks).toMatch(/lane child failed[\s\S]*queued · lock not available[\s\S]*>3\.00 s 55P03</);
  });

  test('shows bytes over time, and when the checkpointer worked below each course', () => {
    expect(sectionOf(page, 'io')).toMatch(/class="course c2" d="[^"]+"><title>written</);
    for (const id of ['sessions', 'load', 'latency', 'io'])
      expect(sectionOf(page, id)).toMatch(
        /<div class="strip-name">checkpoint<\/div><svg class="strip"[^>]*><rect [^>]*fill-opacity="0\.\d+"/,
      );
    expect(page).not.toContain('>vacuum</div>');
  });

  test('shows what was done with files: by kind and operation, how long it took, and by whom', () => {
    const rows = Array.from(sectionOf(page, 'io').matchAll(/<tr><th scope="row">[\s\S]*?<\/tr>/g), ([row]) =>
      row
        .split(/<\/t[hd]>/)
        .map((cell) => cell.replace(/<[^>]*>/g, '').trim())
        .slice(0, -1),
    );
    expect(rows.map(([kind, operation]) => [kind, operation])).toEqual([
      ['Tables and indexes', 'read'],
      ['', 'write'],
      ['WAL', 'sync'],
      ['Temporary files', 'write'],
    ]);
    const [read, , sync] = rows;
    expect(read?.[6]).toBe('20.0 µs');
    expect(read?.[8]).toMatch(/^io worker 9\d\.\d %$/);
    expect(sync?.slice(2)).toEqual([
      expect.stringMatching(/failed$/),
      '',
      '',
      expect.any(String),
      '33.0 ms',
      expect.stringMatching(/^9\d\.\d ms$/),
      'client backend',
    ]);
  });

  test('shows background processes without their idle sleep', () => {
    const background = sectionOf(page, 'background');
    expect(background).toMatch(/checkpointer[\s\S]*IO:DataFileSync 90\.9 %[\s\S]*walwriter/);
    expect(background).not.toContain('Activity');
  });

  test('shows long waits below their statement, in the colour of their class', () => {
    const slowest = sectionOf(page, 'slowest');
    expect(slowest).toMatch(
      /<div class="lane child"><span class="name"[^>]*>IO:DataFileRead<\/span>\s*<span class="track"><span class="bar w-io"/,
    );
    expect(slowest).toMatch(/Waited for IO:DataFileRead [\d.]+ ms \(1\)/);
    expect(slowest).toMatch(/<i class="w-cpu"[^>]*><\/i><i class="w-run-queue"[^>]*><\/i><i class="w-io"/);
  });

  test('has a script that is valid', () => {
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(script).not.toBe('');
    expect(() => new Script(script)).not.toThrow();
  });

  test('has balanced tags', () => {
    const open: string[] = [];
    for (const tag of tagsOf(page)) {
      const [, slash, name = ''] = /^<(\/?)([a-z0-9]+)/.exec(tag) ?? [];
      if (name === '' || ['meta', 'link'].includes(name) || tag.endsWith('/>')) continue;
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  test('keeps pictures within their box', () => {
    const numbers = [...page.matchAll(/ d="([^"]*)"/g)].flatMap(([, path = '']) =>
      path
        .split(/[a-zA-Z ]+/)
        .filter(Boolean)
        .map(Number),
    );
    expect(numbers.length).toBeGreaterThan(1000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(1001);
  });
});

test('a recording without waits shows what it knows: CPU, run queue, the remainder', async () => {
  const path = await temporaryPath('old.jsonl');
  await recordShop(path, { seconds: 20, waits: false });
  const page = renderPage(await gather(path), 'old.jsonl');
  expect(page).not.toMatch(/<section id="(sessions|background)"/);
  expect(sectionOf(page, 'time')).toMatch(/on a CPU[\s\S]*remainder: I\/O, locks and other waits/);
  expect(page).not.toContain('class="events"');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('a recording of level waits has time alone, and says why there is no more', async () => {
  const path = await temporaryPath('waits.jsonl');
  await recordShop(path, { seconds: 20, level: 'waits' });
  const page = renderPage(await gather(path), 'waits.jsonl');
  const heading = /<thead>[\s\S]*?<\/thead>/.exec(sectionOf(page, 'queries'))?.[0] ?? '';
  const titles = Array.from(heading.matchAll(/<button[^>]*>([^<]*)</g), ([, title]) => title);
  expect(titles).toEqual(['Query', 'Share', 'Time', 'CPU', 'Run queue', 'Waits', 'Read', 'WAL']);
  expect(page).toMatch(/<span>Biggest wait<\/span><b>[\d.]+ %<\/b><small>IO:DataFileRead</);
  expect(sectionOf(page, 'sessions')).toContain('class="band w-lock"');
  expect(sectionOf(page, 'load')).toContain('class="band c1"');
  expect(sectionOf(page, 'latency')).toContain('level waits does not tell how long statements took');
  expect(sectionOf(page, 'slowest')).toContain('Level waits captures none.');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('a recording of level phases shows phases of queries and of statements, and what triggers ran', async () => {
  const path = await temporaryPath('phases.jsonl');
  await recordShop(path, { seconds: 60, level: 'phases' });
  const page = renderPage(await gather(path), 'phases.jsonl');
  expect(sectionOf(page, 'queries')).toMatch(
    /Phases of its statements<[\s\S]*?<span>parse<\/span> <b>1\.0 %<\/b>[\s\S]*?<span>commit<\/span> <b>20\.0 %<\/b> <span class="quiet">[^<]+, [^<]+ per call</,
  );
  const slowest = sectionOf(page, 'slowest');
  expect(slowest).toMatch(/padding-left:\d+em" title="plan">plan<[\s\S]{0,60}<span class="bar p-plan"/);
  const lanes = Array.from(slowest.matchAll(/class="name" style="padding-left:(\d+)em" title="([^"]+)"/g));
  const from = lanes.findIndex(([, , name]) => name === 'execute');
  const depth = Number(lanes[from]?.[1]);
  expect(lanes.slice(from, from + 3).map(([, indent, name]) => [Number(indent) - depth, name])).toEqual([
    [0, 'execute'],
    [1, 'SELECT audit_log_7'],
    [2, '(unknown)'],
  ]);
  expect(slowest).toMatch(/>[\d.]+ ms in 40 calls</);
  expect(slowest).toContain('so do its phases');
  expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
});

describe('a page of hostile texts', () => {
  test('shows them and does what none of them says', async () => {
    const attributes = Object.fromEntries(
      [
        'db.namespace',
        'user.name',
        'db.query.summary',
        'pgscope.query.fingerprint',
        'db.query.text',
        'postgresql.application_name',
        'pgscope.capture.reason',
        'db.response.status_code',
        'error.type',
        'service.version',
        'host.name',
        'pgscope.data_directory',
        'process.pid',
        'db.system.name',
        'k8s.pod.name',
        'postgresql.wait_event_type',
        'postgresql.wait_event',
        'pgscope.waits',
        'pgscope.phase',
        'pgscope.nested.calls',
      ].map((name) => [name, HOSTILE]),
    );
    const lockNames = ['lock.mode', 'lock.object', 'blocker.state', 'blocker.application_name', 'blocker.query.text'];
    const lockAttributes = {
      ...Object.fromEntries([...lockNames, 'blocker.query.summary'].map((name) => [`pgscope.${name}`, HOSTILE])),
      'postgresql.wait_event_type': 'Lock',
      'pgscope.blocker.pid': 7,
      'pgscope.blocker.other_pids': HOSTILE,
    };
    const span = {
      traceId: HOSTILE,
      spanId: HOSTILE,
      name: HOSTILE,
      kind: 2,
      startTimeUnixNano: '1767364205000000000',
      endTimeUnixNano: '1767364206000000000',
      attributes: keyValues(attributes),
      status: { code: 2, message: HOSTILE },
      links: [{ traceId: HOSTILE }],
    };
    const path = await fileOf(
      [
        metricsLine(
          [
            durationMetric(attributes, { start: 1, time: 5, counts: [20], sum: 3 }),
            sumMetric('postgresql.query.wait.time', [{ attributes, start: 1, time: 5, value: 2 }]),
            sumMetric('postgresql.background.wait.time', [
              { attributes: { ...attributes, 'pgscope.backend.type': HOSTILE }, start: 1, time: 5, value: 2 },
            ]),
            { name: 'pgscope.query.info', gauge: { dataPoints: [{ attributes: keyValues(attributes) }] } },
          ],
          attributes,
        ),
        metricsLine(
          [
            sumMetric('pgscope.losses', [
              { attributes: { 'pgscope.loss.stage': HOSTILE, 'pgscope.loss.reason': HOSTILE }, time: 5, value: 2 },
            ]),
          ],
          { other: HOSTILE },
        ),
        spansLine(
          [
            span,
            { ...span, name: 'Lock', kind: 1, spanId: 'lock', attributes: keyValues(lockAttributes) },
            { ...span, spanId: 'child', parentSpanId: HOSTILE, kind: 1 },
            { ...span, parentSpanId: `${HOSTILE}parent`, spanId: 'b' },
          ],
          attributes,
        ),
        programLine(
          [
            sumMetric(`${HOSTILE}.calls`, [{ attributes: { ...attributes, [HOSTILE]: HOSTILE }, time: 5, value: 2 }]),
            boundsMetric(HOSTILE, { attributes, bounds: [1], counts: ['1', '0'] }),
          ],
          { 'pgscope.program': HOSTILE, 'pgscope.program.description': HOSTILE },
        ),
        logsLine(HOSTILE, { ...attributes, [HOSTILE]: HOSTILE, 'pgscope.program': HOSTILE }),
      ].map((line) => line.replaceAll('"name":"pgscope"', `"name":${JSON.stringify(HOSTILE)}`)),
    );
    const page = renderPage(await gather(path), HOSTILE);
    expect(sectionOf(page, 'locks')).toContain('PID 7');
    expect(sectionOf(page, 'programs')).toContain('Events: all 1, the last first');
    const tags = tagsOf(page);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/script/g)).toHaveLength(1);
    expect(tags.filter((tag) => /<(img|svg\/)/.test(tag))).toEqual([]);
    // Every tag is one of ours: its name, then attributes in double quotes without anything that ends them.
    for (const tag of tags.filter((each) => !each.startsWith('<meta')))
      expect(tag).toMatch(/^<(!doctype html|\/?[a-z0-9]+(\s+[a-zA-Z-]+="[^"<>'`]*")*\s*\/?)>$/);
    expect(page).not.toMatch(/[\0\u202e]/);
    expect(page.match(/&#60;img src=x onerror=alert\(1\)&#62;/g)?.length).toBeGreaterThan(20);
  });
});

describe('a page of little', () => {
  test('an empty recording has a sentence in each section', async () => {
    const page = renderPage(await gather(await fileOf(['{"resourceMetrics":[]}'])), 'empty.jsonl');
    expect(page.match(/class="empty"/g)).toHaveLength(6);
    expect(page).toContain('no time was recorded');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('one statement in one moment', async () => {
    const metric = durationMetric({ 'db.query.summary': 'SELECT 1' }, { start: 5, time: 5, counts: [1], sum: 0.001 });
    const page = renderPage(await gather(await fileOf([metricsLine([metric])])), 'one.jsonl');
    expect(page).toContain('SELECT 1');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('a client’s own spans stand around the statement, and are no statements', async () => {
    const times = { startTimeUnixNano: '1767364205000000000', endTimeUnixNano: '1767364206000000000', kind: 2 };
    const order = { ...times, traceId: 'trace', spanId: 'order', name: 'POST /order' };
    const update = { ...times, traceId: 'trace', spanId: 'update', parentSpanId: 'order', name: 'UPDATE products' };
    const recording = await gather(await fileOf([spansLine([order], { 'service.name': 'shop' }), spansLine([update])]));
    expect(recording.statementSpans).toBe(1);
    const page = renderPage(recording, 'joined.jsonl');
    expect(page.match(/<div class="lane client">/g)).toHaveLength(1);
    expect(page.match(/<div class="lane slow child">/g)).toHaveLength(1);
  });

  test('a file that was cut off or holds foreign lines says so', async () => {
    const path = await fileOf(['{"resourceMetrics":[]}', 'rubbish']);
    const page = renderPage(await gather(path), 'cut.jsonl');
    expect(page).toContain('<b>1</b> lines of the file are no OTLP');
  });
});

test.each([
  ['23505', 'unique constraint violated'],
  ['22P99', 'invalid value (class 22)'],
  ['U0001', 'application-defined (class U0)'],
  ['SIGKILL', 'backend ended by a signal'],
  ['others', '–'],
  ['constructor', '–'],
])('the condition of %s is %s', (code, condition) => {
  expect(conditionOf(code)).toBe(condition);
});
