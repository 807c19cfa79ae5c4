/** The authority that a test's API server has made for itself: the last certificate that it shows. */
import { once } from 'node:events';
import { connect, type DetailedPeerCertificate } from 'node:tls';

/** PEM. */
export async function authorityOf({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    let certificate: DetailedPeerCertificate = socket.getPeerCertificate(true);
    while (certificate.issuerCertificate && certificate.issuerCertificate !== certificate)
      certificate = certificate.issuerCertificate;
    const lines = certificate.raw.toString('base64').replace(/.{64}/g, '$&\n');
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  } finally {
    socket.destroy();
  }
}
