/** How the numbers came about, for those who want to know how far to trust them. */
import { RESOURCE } from '../../../telemetry.js';
import { formatCount } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Resource } from '../otlp.js';
import { MAX_BINS } from '../timeline.js';

const SHOWN_SERVERS = 10;

export function provenanceSection(recording: Recording, fileName: string): Html {
  const { reading, writer, servers, statementSpans, clock } = recording;
  return html`<section id="recorded"><h2>How it was recorded</h2>
<dl class="facts wide">
${fact('file', `${fileName}, ${formatCount(reading.requests)} export requests`)}
${writer !== '' && fact('written by', writer)}
${servers.slice(0, SHOWN_SERVERS).map((server) => fact('server', serverText(server)))}
${servers.length > SHOWN_SERVERS && fact('servers', `and ${servers.length - SHOWN_SERVERS} more`)}
${fact('captured statements', formatCount(statementSpans))}
${fact('charts', `${clock.widthSeconds} s in each of at most ${MAX_BINS} steps`)}
</dl>
<p class="note">Times are server time, from the first message of a statement until the server is ready for the next one, with parsing, planning and commit; the network is not in them.
Calls, errors, rows and sums are exact; p50, p95 and p99 come from histograms with steps of 9 %. Captured statements are those that were slow, failed, sampled or traced: the settings of the recording decide which.
All times of day are UTC.</p></section>`;
}

function fact(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function serverText({ attributes }: Resource): string {
  const pid = attributes[RESOURCE.processPid.name];
  return [
    `PostgreSQL ${attributes[RESOURCE.serviceVersion.name] ?? ''}`.trim(),
    attributes[RESOURCE.hostName.name],
    attributes[RESOURCE.dataDirectory.name],
    pid === undefined ? undefined : `PID ${pid}`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
