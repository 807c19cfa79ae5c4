/** The cluster's certificate authority, its certificates, and kubeconfig files with them; made by openssl, valid for some days. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { CONTROL_PLANE_ADDRESS, KUBERNETES_SERVICE } from './network.js';

export const API_SERVER = `https://${CONTROL_PLANE_ADDRESS}:6443`;
const DAYS = '30';
const NEW_KEY = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', DAYS];

export interface Subject {
  /** Names the files NAME.crt and NAME.key. */
  name: string;
  commonName: string;
  /** A group, in Kubernetes' eyes. */
  organization?: string;
}

export class CertificateAuthority {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(directory: string): Promise<CertificateAuthority> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const authority = new CertificateAuthority(directory);
    const files = ['-keyout', authority.path('ca.key'), '-out', authority.path('ca.crt')];
    await execa('openssl', [...NEW_KEY, '-subj', '/CN=pgscope test cluster', ...files]);
    const keys = authority.path('service-accounts.key');
    // The API server reads PKCS #8 files with RSA keys, but not those with EC keys.
    await execa('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', keys]);
    return authority;
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  /** A certificate for the API server, which clients reach by several names. */
  async issueServer(name: string): Promise<void> {
    const addresses = [CONTROL_PLANE_ADDRESS, KUBERNETES_SERVICE, '127.0.0.1'].map((address) => `IP:${address}`);
    const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map(
      (dns) => `DNS:${dns}`,
    );
    const alternatives = `subjectAltName=${[...addresses, ...names].join(',')}`;
    await this.#issue({ name, commonName: 'kube-apiserver' }, [alternatives, 'extendedKeyUsage=serverAuth']);
  }

  async issueClient(subject: Subject): Promise<void> {
    await this.#issue(subject, ['extendedKeyUsage=clientAuth']);
  }

  /** Issues a client certificate and writes a kubeconfig with it; gives the file's path. */
  async writeKubeconfig(subject: Subject): Promise<string> {
    await this.issueClient(subject);
    const [ca, certificate, key] = await Promise.all(
      ['ca.crt', `${subject.name}.crt`, `${subject.name}.key`].map((file) => readFile(this.path(file), 'base64')),
    );
    const path = this.path(`${subject.name}.kubeconfig`);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'pgscope', cluster: { server: API_SERVER, 'certificate-authority-data': ca } }],
      users: [{ name: subject.name, user: { 'client-certificate-data': certificate, 'client-key-data': key } }],
      contexts: [{ name: 'pgscope', context: { cluster: 'pgscope', user: subject.name } }],
      'current-context': 'pgscope',
    };
    await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 }); // JSON is YAML
    return path;
  }

  async #issue({ name, commonName, organization }: Subject, extensions: string[]): Promise<void> {
    const subject = `${organization === undefined ? '' : `/O=${organization}`}/CN=${commonName}`;
    await execa('openssl', [
      ...[...NEW_KEY, '-CA', this.path('ca.crt'), '-CAkey', this.path('ca.key'), '-subj', subject],
      ...['basicConstraints=critical,CA:FALSE', ...extensions].flatMap((extension) => ['-addext', extension]),
      ...['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.crt`)],
    ]);
  }
}
