import { parseStatements } from './parser.ts'
import { isKnownPragma } from './pragma.ts'

/**
 * What a PRAGMA asks for, while both places have the schema and only one the newest rows.
 * - `schema`: answered from the file, which has the schema in every stage.
 * - `setting`: of a connection, for as long as it is open; both connections to the file get it.
 * - `header`: kept in the file and part of a transaction: the application's own version numbers.
 * - `orphans`: rows that break a foreign key.
 * - `semantics`: would change what statements mean on SQLite, and has no form on PostgreSQL.
 * - `unknown`: SQLite does nothing for it.
 */
export type PragmaRole = 'schema' | 'setting' | 'header' | 'orphans' | 'semantics' | 'unknown'

export interface PragmaUseOnPostgres {
  readonly name: string
  readonly role: PragmaRole
  /** A value is given, so that something is to change. */
  readonly sets: boolean
}

const HEADER = new Set(['application_id', 'user_version'])

/** With a value: what SQLite would do otherwise from then on. */
const SEMANTICS = new Set([
  'case_sensitive_like',
  'count_changes',
  'defer_foreign_keys',
  'empty_result_callbacks',
  'encoding',
  'full_column_names',
  'ignore_check_constraints',
  'legacy_alter_table',
  'query_only',
  'recursive_triggers',
  'schema_version',
  'short_column_names',
  'writable_schema',
])

const ASKED = new Set([
  'collation_list',
  'compile_options',
  'data_version',
  'database_list',
  'foreign_key_list',
  'freelist_count',
  'function_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'module_list',
  'page_count',
  'pragma_list',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
])

/** Null for a statement that is no PRAGMA. */
export function pragmaRole(sql: string): PragmaUseOnPostgres | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'PragmaStmt') return null
  const name = statement.name.objName.text.toLowerCase()
  const sets = statement.body !== undefined && !ASKED.has(name)
  return { name, sets, role: roleOf(name, sets, sql) }
}

function roleOf(name: string, sets: boolean, sql: string): PragmaRole {
  if (name === 'foreign_key_check') return 'orphans'
  if (HEADER.has(name)) return sets ? 'header' : 'schema'
  if (ASKED.has(name) || (name === 'schema_version' && !sets)) return 'schema'
  if (sets && SEMANTICS.has(name)) return isDefault(name, sql) ? 'setting' : 'semantics'
  // The file stays in WAL mode, as Lockstep reads it beside its writer.
  if (name === 'journal_mode' && sets && !/\bwal\b/i.test(sql)) return 'semantics'
  return isKnownPragma(name) ? 'setting' : 'unknown'
}

/** A value that the connection has anyway. */
function isDefault(name: string, sql: string): boolean {
  const value = /[=(]\s*['"]?([\w-]+)['"]?\s*\)?\s*;?\s*$/.exec(sql)?.[1]?.toLowerCase() ?? ''
  if (name === 'encoding') return value === 'utf-8' || value === 'utf8'
  if (name === 'short_column_names') return ['1', 'on', 'true', 'yes'].includes(value)
  return name !== 'schema_version' && ['0', 'off', 'false', 'no'].includes(value)
}
