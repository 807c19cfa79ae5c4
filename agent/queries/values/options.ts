/** Options, `name value`, whose values are names or words of the grammar; those of all others are constants. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** By statement. Not by the option alone: `OPTIONS (language acme)` of a foreign server is a constant. */
const NAMES: Record<string, ReadonlySet<string>> = {
  AlterDefaultPrivilegesStmt: words('roles schemas'),
  AlterExtensionContentsStmt: words('schema'),
  AlterFdwStmt: words('handler validator'),
  AlterFunctionStmt: words('support'),
  AlterOperatorStmt: words('restrict join commutator negator'),
  AlterRoleStmt: words('rolemembers'),
  AlterSeqStmt: words('as owned_by'),
  CopyStmt: words('force_quote force_not_null force_null'),
  CreateExtensionStmt: words('schema'),
  CreateFdwStmt: words('handler validator'),
  CreateFunctionStmt: words('language support transform'),
  CreateRoleStmt: words('rolemembers addroleto adminmembers'),
  CreateSeqStmt: words('as owned_by'),
  CreatedbStmt: words('template owner tablespace'),
  DoStmt: words('language'),
  'DefineStmt OBJECT_AGGREGATE': words(
    'basetype sfunc stype finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc mstype mfinalfunc sortop',
  ),
  'DefineStmt OBJECT_COLLATION': words('from'),
  'DefineStmt OBJECT_OPERATOR': words('leftarg rightarg procedure function commutator negator restrict join'),
  'DefineStmt OBJECT_TSCONFIGURATION': words('parser copy'),
  'DefineStmt OBJECT_TSDICTIONARY': words('template'),
  'DefineStmt OBJECT_TSPARSER': words('start gettoken end headline lextypes'),
  'DefineStmt OBJECT_TSTEMPLATE': words('init lexize'),
  'DefineStmt OBJECT_TYPE': words('input output receive send typmod_in typmod_out analyze subscript like element'),
};

/** The parser itself writes these options for keywords: `COPY … CSV`, `STABLE`, `ISOLATION LEVEL SERIALIZABLE`. */
const VOCABULARY: Record<string, ReadonlySet<string>> = {
  CopyStmt: words('format'),
  CreateFunctionStmt: words('volatility'),
  AlterFunctionStmt: words('volatility'),
  ExplainStmt: words('format'),
  TransactionStmt: words('transaction_isolation transaction_read_only transaction_deferrable'),
};

/** Options without a value that are no keywords. The name of any other could be a value whose option was forgotten: `WITH (acme)`. */
const FLAGS = words(
  `buffers costs disable_page_skipping generic_plan index_cleanup memory only_database_stats process_main
  process_toast security_barrier security_invoker serialize settings skip_database_stats skip_locked summary timing wal
  autosummarize fastupdate deduplicate_items streaming binary origin two_phase copy_data connect create_slot enabled refresh
  finalfunc_extra mfinalfunc_extra hypothetical passedbyvalue preferred merges hashes`,
);

export function isKnownFlag(option: string): boolean {
  return FLAGS.has(option);
}

export function holdsNames(statement: string, option: string): boolean {
  return NAMES[statement]?.has(option) ?? false;
}

export function isVocabulary(statement: string, option: string): boolean {
  return VOCABULARY[statement]?.has(option) ?? false;
}
