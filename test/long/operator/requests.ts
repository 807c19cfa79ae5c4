/** Counts requests by what the operator's and the API server's own metrics say. */

export type Labels = Record<string, string>;

/** Sum over the samples of a metric that `belongs` takes. */
export function total(page: string, metric: string, belongs: (labels: Labels) => boolean = () => true): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const end = line.lastIndexOf('} ');
    if (belongs(labelsOf(line.slice(metric.length + 1, end)))) sum += Number(line.slice(end + 2));
  }
  return sum;
}

function labelsOf(text: string): Labels {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** What the operator has sent: the Lease alone is renewed by PUT. */
export function sent(page: string) {
  const of = (...methods: string[]) =>
    total(page, 'rest_client_requests_total', ({ method = '' }) => methods.includes(method));
  const failed = total(page, 'rest_client_requests_total', ({ code = '' }) => !/^[23]/.test(code));
  return { reads: of('GET'), writes: of('POST', 'PATCH', 'DELETE'), renewals: of('PUT'), failed };
}

const READS = new Set(['GET', 'LIST', 'WATCH', 'CONNECT']);
/** Kubelets, controllers and API servers write these all the time, as the operator does its own. */
const LEASES = 'leases';

/** Writes that the API server has seen, whoever sent them, by resource and subresource; without Leases. */
export function writesSeen(page: string): Record<string, number> {
  const counts: Record<string, number> = {};
  total(page, 'apiserver_request_total', ({ verb = '', resource = '', subresource = '' }) => {
    const name = subresource === '' ? resource : `${resource}/${subresource}`;
    if (READS.has(verb) || resource === LEASES || counts[name] !== undefined) return false;
    counts[name] = total(
      page,
      'apiserver_request_total',
      (labels) => !READS.has(labels.verb ?? '') && labels.resource === resource && labels.subresource === subresource,
    );
    return false;
  });
  return counts;
}
