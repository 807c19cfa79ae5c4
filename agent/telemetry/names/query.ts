/** Attributes that a span and the per-query metrics share. */

import { own, standard } from './definition.js';

export const QUERY = {
  namespace: standard('db.namespace', 'string', 'the database'),
  user: standard('user.name', 'string', 'the role that runs the statement'),
  summary: standard(
    'db.query.summary',
    'string',
    'operations and tables, at most 255 characters; also the name of the span',
  ),
  fingerprint: own(
    'pgscope.query.fingerprint',
    'string',
    '',
    'hash of the text without constants and comments, 16 hex digits',
  ),
} as const;
