/** `node --import` this: Node runs TypeScript as it is, but does not find `./x.ts` where an import says `./x.js`. */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const typescript = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
      if (existsSync(fileURLToPath(typescript))) return next(typescript.href, context);
    }
    return next(specifier, context);
  },
});
