/** Attributes of resources. */

import { own, standard } from './definition.js';

export const RESOURCE = {
  serviceName: standard(
    'service.name',
    'string',
    '`postgresql`, or what OTEL_SERVICE_NAME says; `pgscope` for pgscope itself',
  ),
  serviceVersion: standard('service.version', 'string', 'version of the server; of pgscope for pgscope itself'),
  serviceInstanceId: standard(
    'service.instance.id',
    'string',
    'UUID made of host and data directory: survives restarts',
  ),
  hostName: standard('host.name', 'string', 'name of the host'),
  hostId: standard('host.id', 'string', 'content of /etc/machine-id'),
  processPid: standard('process.pid', 'int', 'PID of the postmaster, as the host shows it'),
  dbSystem: standard('db.system.name', 'string', 'always `postgresql`; also on each span'),
  dataDirectory: own('pgscope.data_directory', 'string', '', "the server's data directory"),
} as const;
