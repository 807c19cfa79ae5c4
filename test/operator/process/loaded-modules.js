/** `node --import` this: at its end the process writes the URLs of all modules that it has loaded into the file LOADED_MODULES, a line each. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const urls = [];
registerHooks({
  load(url, context, next) {
    urls.push(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env.LOADED_MODULES, urls.join('\n')));
