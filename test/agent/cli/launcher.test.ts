import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);

/** Stands where the compiled command line stands in a checkout. */
const CLI = `
if (process.argv[2] === 'wait') {
  process.on('SIGTERM', () => process.exit(42));
  setInterval(() => {}, 60_000);
}
const { execArgv: flags, env, pid } = process;
console.log(JSON.stringify({ argv: process.argv.slice(2), flags, mmapThreshold: env.MALLOC_MMAP_THRESHOLD_, pid }));
`;

let checkout: string;
let link: string;

beforeAll(() => {
  checkout = join(mkdtempSync(join(tmpdir(), 'pgscope-launcher-')), 'a checkout');
  for (const folder of ['bin', 'dist/agent', 'node_modules/.bin'])
    mkdirSync(join(checkout, folder), { recursive: true });
  copyFileSync('bin/pgscope', join(checkout, 'bin/pgscope'));
  symlinkSync(process.execPath, join(checkout, 'node_modules/.bin/node'));
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
  writeFileSync(join(checkout, 'dist/agent/cli.js'), CLI);
  link = join(checkout, '../pgscope');
  symlinkSync('a checkout/bin/pgscope', link);
});

afterAll(() => rmSync(join(checkout, '..'), { recursive: true }));

describe('bin/pgscope', () => {
  test('finds its checkout through a link and from another directory, and passes arguments as they are', async () => {
    const { stdout } = await run(link, ['record', '--otlp-file', 'a b'], { cwd: '/' });
    expect(JSON.parse(stdout)).toMatchObject({ argv: ['record', '--otlp-file', 'a b'] });
  });

  test('starts Node with what keeps its memory small', async () => {
    const { stdout } = await run(link, []);
    expect(JSON.parse(stdout)).toMatchObject({
      flags: ['--liftoff-only', '--max-semi-space-size=2'],
      mmapThreshold: '32768',
    });
  });

  test('becomes the process that it starts, so that signals reach it', async () => {
    const child = spawn(link, ['wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect((JSON.parse(line.toString()) as { pid: number }).pid).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([42, null]);
  });

  test('says what to do in a checkout that is not built', async () => {
    rmSync(join(checkout, 'dist'), { recursive: true });
    const failed = run(link, []);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is not built yet; run: make -C/),
    });
  });
});
