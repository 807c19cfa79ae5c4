/** Fields of the parse tree whose strings are names: of tables, columns, roles, types, functions, settings, options. */

/** A field that is not here and does not end in `name` or `names` holds values: its words are not shown. */
const FIELDS: ReadonlySet<string> = new Set(
  `fields attlist keys pk_attrs fk_attrs fk_del_set_cols including columns cols va_cols indirection object objects opclass collation role
  database accessMethod access_method tableSpace indexspace typeName publication local_schema remote_schema newschema dicts tokentype
  lang plhandler plinline plvalidator usingClause method aliases search_col_list search_seq_column cycle_col_list cycle_mark_column
  cycle_path_column provider stat_types`.split(/\s+/),
);

export function isNameField(key: string): boolean {
  return FIELDS.has(key) || /names?$/i.test(key);
}

/** Parts with expressions in which no column can be meant: a word is a string whose quotes were forgotten, `EXECUTE p(acme)`. */
const NO_COLUMNS: ReadonlySet<string> = new Set(['params', 'funccall', 'defexpr', 'listdatums']);

export function hasNoColumns(key: string, value: unknown): boolean {
  const { contype, subtype } = value as { contype?: string; subtype?: string };
  return NO_COLUMNS.has(key) || isBound(key) || contype === 'CONSTR_DEFAULT' || subtype === 'AT_ColumnDefault';
}

/** Of a partition, where the grammar takes MINVALUE and MAXVALUE for columns. */
export function isBound(key: string): boolean {
  return key === 'lowerdatums' || key === 'upperdatums';
}
