/** Words that PostgreSQL's grammar compares with an identifier although they are no keywords: another word is an error there. */

export const KEYWORDS_OF_GRAMMAR: ReadonlySet<string> = new Set(
  `superuser nosuperuser createrole nocreaterole createdb nocreatedb login nologin replication noreplication bypassrls nobypassrls
  noinherit modulus remainder list hash permissive restrictive utf8 utf16 utf32`.split(/\s+/),
);
