/** Where the tracer's binary is: in build/ of this package, unless PGSCOPE_TRACER names another one. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package.js';
import { TracerError } from './errors.js';

export function tracerPath(env: NodeJS.ProcessEnv): string {
  const named = env.PGSCOPE_TRACER;
  const path = named || join(packageRoot(), 'build', 'pgscope-tracer');
  if (existsSync(path)) return path;
  throw new TracerError(
    named
      ? `the tracer ${path}, which PGSCOPE_TRACER names, does not exist`
      : `the tracer ${path} does not exist; run make build, or name it with PGSCOPE_TRACER`,
  );
}
