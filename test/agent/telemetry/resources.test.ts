import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { TelemetrySettingsError } from '../../../agent/telemetry/pairs.js';
import { containerResource, hostResource, ownResource, thisHost } from '../../../agent/telemetry/resources.js';

const host = { hostName: 'db1', hostId: '0123456789abcdef0123456789abcdef' };
const server = { pid: 815, dataDirectory: '/var/lib/postgresql/15/main', version: '15.18' };

describe('a server on a host', () => {
  test('has its own resource', () => {
    expect(hostResource(server, host, {})).toEqual({
      'service.name': 'postgresql',
      'service.version': '15.18',
      'service.instance.id': expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      'host.name': 'db1',
      'host.id': host.hostId,
      'process.pid': 815,
      'db.system.name': 'postgresql',
      'pgscope.data_directory': '/var/lib/postgresql/15/main',
    });
  });

  test('is the same instance after a restart, and no other', () => {
    const id = (pid: number, dataDirectory: string) =>
      hostResource({ pid, dataDirectory }, host, {})['service.instance.id'];
    expect(id(1, '/a')).toBe(id(2, '/a'));
    expect(id(1, '/a')).not.toBe(id(1, '/b'));
  });

  test('is named by the standard variables, which cannot make two servers one', () => {
    const env = {
      OTEL_SERVICE_NAME: 'orders-db',
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=other,deployment.environment.name=a%2Cb, host.name=alias,service.instance.id=same,process.pid=1',
    };
    expect(hostResource(server, host, env)).toMatchObject({
      'service.name': 'orders-db',
      'deployment.environment.name': 'a,b',
      'host.name': 'alias',
      'process.pid': 815,
      'service.instance.id': hostResource(server, host, {})['service.instance.id'],
    });
    expect(hostResource(server, host, { ...env, OTEL_SERVICE_NAME: '' })['service.name']).toBe('other');
  });

  test('a variable that cannot be read is named', () => {
    const resource = () => hostResource(server, host, { OTEL_RESOURCE_ATTRIBUTES: 'a=b,c' });
    expect(resource).toThrow(TelemetrySettingsError);
    expect(resource).toThrow(/OTEL_RESOURCE_ATTRIBUTES: entry 2 is no key=value/);
  });
});

test('pgscope has a resource too', () => {
  expect(ownResource('0.1.0', host)).toMatchObject({
    'service.name': 'pgscope',
    'service.version': '0.1.0',
    'process.pid': process.pid,
  });
});

test('this host: its name, and its id if it has one', () => {
  expect(thisHost()).toMatchObject({ hostName: hostname() });
  expect(thisHost('/nowhere/machine-id').hostId).toBeUndefined();
});

describe('the resource of a server in a container', () => {
  test('is what the operator found out, and what only the server tells', () => {
    const known = {
      'service.name': 'orders-db',
      'service.version': '1.2',
      'service.instance.id': 'shop.orders-db-0.postgres',
      'process.pid': '1',
    };
    expect(containerResource(server, known)).toEqual({
      'service.name': 'orders-db',
      'service.version': '1.2',
      'service.instance.id': 'shop.orders-db-0.postgres',
      'db.system.name': 'postgresql',
      'process.pid': server.pid,
      'pgscope.data_directory': server.dataDirectory,
    });
    expect(containerResource(server, {})).toMatchObject({ 'service.name': 'postgresql', 'service.version': '15.18' });
    expect(containerResource(server, known, 2)).toMatchObject({ 'service.instance.id': 'shop.orders-db-0.postgres#2' });
  });
});
