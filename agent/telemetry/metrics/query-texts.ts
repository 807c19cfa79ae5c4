/** The gauge pgscope.query.info: the text of each query that has a series, once per collection. */

import type { DescribedQuery } from '../../queries.js';
import { QUERY, SPAN, TARGET_METRICS } from '../names.js';
import { keyValues } from '../otlp/attributes.js';
import type { KeyValue, Metric } from '../otlp/model.js';
import { gaugeMetric, numberPoint } from './query-points.js';
import type { QuerySums } from './query-sums.js';

interface Info {
  fingerprint: string;
  described: DescribedQuery;
  /** Of its last point. */
  time: string;
}

export interface QueryTexts {
  /** One point for each query of `rows` that has not had one at this time, if its text may be shown. */
  points(rows: QuerySums[], describe: (fingerprint: string) => DescribedQuery | undefined, time: string): Metric[];
  /** Ends of those that have had a point before and are no query of `live` any more, or whose text has changed. */
  ends(live: Iterable<QuerySums>, time: string): Metric[];
}

export function createQueryTexts(): QueryTexts {
  const infos = new Map<string, Info>();
  let replaced: Info[] = [];
  const infoOf = (fingerprint: string, described: DescribedQuery): Info => {
    const known = infos.get(fingerprint);
    if (known?.described.text === described.text && known?.described.summary === described.summary) return known;
    if (known !== undefined) replaced.push(known);
    const info = { fingerprint, described, time: '' };
    infos.set(fingerprint, info);
    return info;
  };
  return {
    points: (rows, describe, time) => {
      const points = rows.flatMap(({ fingerprint = '' }) => {
        const described = describe(fingerprint);
        if (described?.text === undefined) return [];
        const info = infoOf(fingerprint, described);
        if (info.time === time) return [];
        info.time = time;
        return [numberPoint(attributesOf(info), undefined, time, { asInt: '1' })];
      });
      return points.length === 0 ? [] : [gaugeMetric(TARGET_METRICS.info, points)];
    },
    ends: (live, time) => {
      const alive = new Set(Array.from(live, (row) => row.fingerprint));
      const gone = [...infos].filter(([fingerprint]) => !alive.has(fingerprint));
      for (const [fingerprint] of gone) infos.delete(fingerprint);
      const ended = [...replaced, ...gone.map(([, info]) => info)];
      replaced = [];
      return ended.length === 0
        ? []
        : [
            gaugeMetric(
              TARGET_METRICS.info,
              ended.map((info) => numberPoint(attributesOf(info), undefined, time, undefined)),
            ),
          ];
    },
  };
}

/** Made anew for each point, one a collection: kept and encoded, each target's would hold the texts once more. */
function attributesOf({ fingerprint, described: { summary, text } }: Info): KeyValue[] {
  return keyValues({ [QUERY.fingerprint.name]: fingerprint, [QUERY.summary.name]: summary, [SPAN.text.name]: text });
}
