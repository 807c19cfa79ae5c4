/** The whole page: one file with nothing outside of it, drawn from a recording. */
import type { Recording } from './gather.js';
import { Html, html } from './html.js';
import { backgroundSection } from './page/background.js';
import { failureSection } from './page/failures.js';
import { heatmapSection, rowRange } from './page/heatmap.js';
import { inputOutputSection } from './page/input-output.js';
import { loadSection } from './page/load.js';
import { locksSection } from './page/locks.js';
import { lossBanner } from './page/losses.js';
import { masthead, periodText, titleOf } from './page/masthead.js';
import { programsSection } from './page/programs.js';
import { provenanceSection } from './page/provenance.js';
import { queryTable } from './page/query-table.js';
import { SCRIPT } from './page/script.js';
import { sessionsSection } from './page/sessions.js';
import { STYLE } from './page/style.js';
import { timeSplitSection } from './page/time-split.js';
import { waterfallSection } from './page/waterfalls.js';

/** `fileName` is shown, not read. */
export function renderPage(recording: Recording, fileName: string): string {
  const range = rowRange(recording);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${titleOf(recording.servers)}, ${periodText(recording)} – pgscope</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${masthead(recording)}
${lossBanner(recording)}
${sessionsSection(recording)}
${timeSplitSection(recording)}
${loadSection(recording)}
${heatmapSection(recording, range)}
${queryTable(recording, range)}
${locksSection(recording)}
${backgroundSection(recording)}
${inputOutputSection(recording)}
${waterfallSection(recording)}
${failureSection(recording)}
${programsSection(recording)}
${provenanceSection(recording, fileName)}
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.markup;
}
