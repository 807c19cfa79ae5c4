/** A port of this host. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Free when asked; the kernel hands them out in random order, so the next one who asks gets another. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
