import type { PragmaStmt } from 'sqlite3-parser'

export interface PragmaUse {
  /** What `sqlite3_stmt_readonly` says. https://www.sqlite.org/c3ref/stmt_readonly.html */
  readonly readonly: boolean
  readonly returnsRows: boolean
}

const WRITES = new Set(['incremental_vacuum', 'journal_mode', 'wal_checkpoint'])
const WRITES_WITH_VALUE = new Set(['application_id', 'schema_version', 'user_version'])
const NEVER_ROWS = new Set(['case_sensitive_like', 'incremental_vacuum', 'shrink_memory'])

/** Those that return rows even when a value is given; the others answer only when asked without one. */
const ALWAYS_ROWS = new Set([
  'analysis_limit',
  'busy_timeout',
  'collation_list',
  'compile_options',
  'data_version',
  'database_list',
  'foreign_key_check',
  'foreign_key_list',
  'freelist_count',
  'function_list',
  'hard_heap_limit',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'journal_mode',
  'journal_size_limit',
  'locking_mode',
  'max_page_count',
  'mmap_size',
  'module_list',
  'optimize',
  'page_count',
  'pragma_list',
  'quick_check',
  'secure_delete',
  'soft_heap_limit',
  'table_info',
  'table_list',
  'table_xinfo',
  'threads',
  'wal_autocheckpoint',
  'wal_checkpoint',
])

/** Those that answer with their value when none is given. Any other name does nothing in SQLite. */
const VALUES = new Set([
  ...WRITES_WITH_VALUE,
  'auto_vacuum',
  'automatic_index',
  'cache_size',
  'cache_spill',
  'cell_size_check',
  'checkpoint_fullfsync',
  'count_changes',
  'defer_foreign_keys',
  'empty_result_callbacks',
  'encoding',
  'foreign_keys',
  'full_column_names',
  'fullfsync',
  'ignore_check_constraints',
  'legacy_alter_table',
  'page_size',
  'query_only',
  'read_uncommitted',
  'recursive_triggers',
  'reverse_unordered_selects',
  'short_column_names',
  'synchronous',
  'temp_store',
  'temp_store_directory',
  'trusted_schema',
  'writable_schema',
])

/** The sets were read off SQLite 3.53; a test compares them with the driver's own `pragma_list`. */
export function pragmaUse(statement: PragmaStmt): PragmaUse {
  const name = statement.name.objName.text.toLowerCase()
  const given = statement.body !== undefined
  return {
    readonly: !WRITES.has(name) && !(given && WRITES_WITH_VALUE.has(name)),
    returnsRows: !NEVER_ROWS.has(name) && (ALWAYS_ROWS.has(name) || (!given && VALUES.has(name))),
  }
}

/** SQLite does nothing, without an error, for a name that it does not know. */
export function isKnownPragma(name: string): boolean {
  return NEVER_ROWS.has(name) || ALWAYS_ROWS.has(name) || VALUES.has(name)
}
