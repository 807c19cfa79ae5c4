/** What is missing in this report, said before anything else. */
import { formatCount } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';

const STAGES: Record<string, string> = {
  capture: 'while capturing',
  programs: 'in trace programs',
  telemetry: 'in the agent',
  export: 'while exporting',
};

/** Undefined if nothing is missing. */
export function lossBanner(recording: Recording): Html | undefined {
  const sentences = [...lossSentences(recording), ...readingSentences(recording)];
  if (sentences.length === 0) return undefined;
  return html`<section class="losses" role="alert"><h2>Something is missing here</h2><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
}

function lossSentences({ losses }: Recording): Html[] {
  return losses.map(({ stage, reason, count }) => {
    const words = reason.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return html`<b>${formatCount(count)}</b> lost ${STAGES[stage] ?? stage}: ${words} <code>${reason}</code>`;
  });
}

function readingSentences({ reading, overflowedPoints }: Recording): Html[] {
  const { unreadable, cutOff } = reading;
  return [
    ...(unreadable > 0
      ? [html`<b>${formatCount(unreadable)}</b> lines of the file are no OTLP and were left out.`]
      : []),
    ...(cutOff ? [html`The last line of the file is cut off: what it said is not in this report.`] : []),
    ...(overflowedPoints > 0
      ? [
          html`<b>${formatCount(overflowedPoints)}</b> points were left out: the file has more series than a report can hold.`,
        ]
      : []),
  ];
}
