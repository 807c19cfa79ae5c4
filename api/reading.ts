/** What comes of reading somebody's settings: the settings, or why not. */

/** `errors` are sentences for people, each naming field, value and remedy; there is at least one. */
export type Reading<Spec> = { ok: true; spec: Spec } | { ok: false; errors: string[] };
