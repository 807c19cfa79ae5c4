import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { AGENT_HELP } from '../../../agent/cli/agent/help.js';
import { agentArguments, agentOptions } from '../../../agent/cli/agent/options.js';
import { main } from '../../../agent/cli/main.js';
import { capturedIo } from './io.js';

const directory = mkdtempSync(join(tmpdir(), 'pgscope-agent-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the command line of agent', () => {
  test('takes the node from the environment, and defaults', () => {
    expect(agentArguments(['--destinations', 'd.json'], { NODE_NAME: 'node-a' })).toEqual({
      nodeName: 'node-a',
      destinationsFile: 'd.json',
      allowRawText: false,
      maxPrograms: 8,
      allowNodePrograms: false,
      watchNamespaces: undefined,
      port: 9464,
      server: undefined,
      tokenFile: undefined,
      caFile: undefined,
    });
  });

  test('takes the namespaces that the operator watches', () => {
    const line = '--node-name n --destinations d --watch-namespaces shop,billing';
    expect(agentArguments(line.split(' '), {}).watchNamespaces).toEqual(['shop', 'billing']);
  });

  test('takes what programs may do', () => {
    const line = '--node-name n --destinations d --max-programs 0 --allow-node-programs';
    expect(agentArguments(line.split(' '), {})).toMatchObject({ maxPrograms: 0, allowNodePrograms: true });
  });

  test.each([
    ['--destinations d', '--node-name is missing'],
    ['--node-name n', '--destinations is missing'],
    ['--node-name n --destinations d --port 70000', '--port 70000: no port'],
    ['--node-name n --destinations d --max-programs many', '--max-programs many: no number of programs'],
    ['--node-name n --destinations d --watch-namespaces shop,', '"" is no namespace'],
    ['--node-name n --destinations d --watch-namespaces Shop', '"Shop" is no namespace'],
    ['--node-name n --destinations d --server host:6443', '--server host:6443: no URL'],
    ['--node-name n --destinations d --token-file t', '--token-file needs --server'],
    ['--node-nam n', '--node-nam: there is no such option; did you mean --node-name?'],
  ])('%s is wrong', (line, message) => {
    expect(() => agentArguments(line.split(' '), {})).toThrow(message);
  });

  test('names each option in its help', () => {
    for (const name of Object.keys(agentOptions)) expect(AGENT_HELP).toMatch(new RegExp(`--${name}\\b`));
  });
});

describe('agent', () => {
  test('says what is wrong with the destinations file', async () => {
    const file = join(directory, 'd.json');
    writeFileSync(file, '{"default": {"endpont": "http://c"}}');
    const { io, stderr } = capturedIo();
    expect(await main(['agent', '--node-name', 'n', '--destinations', file], io)).toBe(2);
    expect(stderr()).toMatch(/^pgscope agent: .*default\.endpont: unknown field; did you mean endpoint\?/);
  });

  test('says that this is no pod', async () => {
    const file = join(directory, 'good.json');
    writeFileSync(file, '{"default": {"endpoint": "http://c:4318"}}');
    const { io, stderr } = capturedIo();
    expect(await main(['agent', '--node-name', 'n', '--destinations', file], io)).toBe(1);
    expect(stderr()).toContain('KUBERNETES_SERVICE_HOST is not set');
  });
});
