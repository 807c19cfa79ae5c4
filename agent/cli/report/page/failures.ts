/** Failed statements by SQLSTATE. */
import { formatCount } from '../../quantities.js';
import { conditionOf } from '../../sqlstate.js';
import type { Failure } from '../failures.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';

const SHOWN_QUERIES = 3;

export function failureSection({ failures, failedSpans, queries }: Recording): Html {
  const counted = queries.reduce((sum, { counters }) => sum + counters.errors, 0);
  const heading = html`<h2>Failed statements</h2>`;
  if (failures.length === 0) {
    const text =
      counted === 0
        ? 'No statement failed.'
        : `${formatCount(counted)} statements failed; none of them was captured as a span.`;
    return html`<section id="failures">${heading}<p class="empty">${text}</p></section>`;
  }
  const missing = counted - failedSpans;
  return html`<section id="failures">${heading}
<p class="lead">${formatCount(counted || failedSpans)} failed${missing > 0 && `; ${formatCount(failedSpans)} of them were captured with their SQLSTATE`}.</p>
<div class="scroll"><table class="failures"><thead><tr><th scope="col">SQLSTATE</th><th scope="col">Condition</th><th scope="col" class="number">Count</th><th scope="col">Queries</th><th scope="col" class="number">Last (UTC)</th></tr></thead>
<tbody>${failures.map(row)}</tbody></table></div></section>`;
}

function row({ code, count, lastNs, queries }: Failure): Html {
  const names = queries
    .slice(0, SHOWN_QUERIES)
    .map(
      ([summary, times]) =>
        html`<li><span class="name" title="${summary}">${summary}</span> <span class="quiet">${formatCount(times)}×</span></li>`,
    );
  const more = queries.length - SHOWN_QUERIES;
  return html`<tr><td><code>${code}</code></td><td>${conditionOf(code)}</td><td class="number">${formatCount(count)}</td>
<td><ul>${names}${more > 0 && html`<li class="quiet">and ${more} more</li>`}</ul></td>
<td class="number">${new Date(Number(lastNs / 1_000_000n)).toISOString().slice(11, 19)}</td></tr>`;
}
