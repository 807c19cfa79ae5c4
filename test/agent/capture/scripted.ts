/** A tracer by script as an executable file, for what takes PGSCOPE_TRACER. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from '../tracer/scripted-tracer.js';

export interface ScriptedTracer {
  env: NodeJS.ProcessEnv;
  remove(): void;
}

export function scriptedTracer(script: Script): ScriptedTracer {
  const directory = mkdtempSync(join(tmpdir(), 'pgscope-scripted-'));
  const path = join(directory, 'tracer');
  const source = join(import.meta.dirname, '../tracer/scripted-tracer.ts');
  const json = JSON.stringify(script).replaceAll("'", "'\\''");
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${source}' '${json}'\n`, { mode: 0o755 });
  return { env: { ...process.env, PGSCOPE_TRACER: path }, remove: () => rmSync(directory, { recursive: true }) };
}
