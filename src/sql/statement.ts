import { cleanSql, parseStatements, tokenize } from './parser.ts'
import { postgresText, readPlaceholders } from './placeholders.ts'
import { pragmaUse } from './pragma.ts'
import { splitTokens } from './script.ts'
import { tablesOf } from './tables.ts'
import type { Stmt } from 'sqlite3-parser'
import type { Parameter, PostgresText } from './placeholders.ts'

/** What one statement does, as far as its text tells. */
export interface Statement {
  /** The text as it was given. */
  readonly sql: string
  readonly kind: StatementKind
  /** Which step of a transaction a `transaction` statement is, else null. */
  readonly step: TransactionStep | null
  /** The name in SAVEPOINT, RELEASE and ROLLBACK TO, else null. */
  readonly savepoint: string | null
  /**
   * What `sqlite3_stmt_readonly` says, so EXPLAIN is as its statement. DDL is never readonly here, while
   * SQLite says true where `IF EXISTS` finds nothing to do, which the text cannot tell.
   */
  readonly readonly: boolean
  /** better-sqlite3's `reader`: the statement has result columns. */
  readonly returnsRows: boolean
  /** Tables and views read or written, spelled as in the text, without common table expressions. */
  readonly tables: readonly string[]
  /** The table that is written, defined or dropped. */
  readonly target: string | null
  readonly hasReturning: boolean
  /** In order of first appearance. */
  readonly parameters: readonly Parameter[]
  readonly postgres: PostgresText
}

export type StatementKind =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'transaction'
  | 'pragma'
  | 'ddl'
  | 'attach'
  | 'explain'
  | 'vacuum'
  | 'analyze'
  | 'reindex'

export type TransactionStep =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'rollback-to'
  | 'release'

/**
 * Reads one statement. Wrong SQL is `SQLITE_ERROR` with SQLite's message, line and column; none or
 * several statements are a `RangeError` in better-sqlite3's words.
 */
export function analyze(sql: string): Statement {
  if (typeof sql !== 'string') throw new TypeError('Expected the SQL statement to be a string')
  const text = cleanSql(sql)
  const parsed = parseOne(text)
  const tokens = tokenize(text)
  const placeholders = readPlaceholders(text, tokens)
  return Object.freeze({
    sql,
    ...classify(parsed),
    savepoint: savepointOf(parsed),
    ...tablesOf(parsed),
    parameters: placeholders.parameters,
    postgres: postgresText(tokens, placeholders),
  })
}

function parseOne(sql: string): Stmt {
  const parsed = attempt(sql)
  if (parsed.length > 1) throw severalStatements()
  const [statement] = parsed
  if (statement) return statement
  throw new RangeError('The supplied SQL string contains no statements')
}

/** SQLite reads no further than the first statement, so an error behind it counts as one more. */
function attempt(sql: string): readonly Stmt[] {
  try {
    return parseStatements(sql)
  } catch (error) {
    // To read every token takes as long as to parse them.
    const second = sql.includes(';') ? splitTokens(tokenize(sql))[1]?.[0] : undefined
    if (second === undefined) throw error
    parseStatements(sql.slice(0, second.offset))
    throw severalStatements()
  }
}

function severalStatements(): RangeError {
  return new RangeError('The supplied SQL string contains more than one statement')
}

/** The text for PostgreSQL with `RETURNING` and the column, which must not have that clause yet. */
export function withReturning(statement: Statement, column: string): string {
  const writes = ['insert', 'update', 'delete'].includes(statement.kind)
  if (!writes || statement.hasReturning) {
    throw new TypeError('RETURNING can be added only to an INSERT, UPDATE or DELETE without it')
  }
  return `${statement.postgres.text} RETURNING "${column.replaceAll('"', '""')}"`
}

type Class = Pick<Statement, 'kind' | 'step' | 'readonly' | 'returnsRows' | 'hasReturning'>

const WRITE = { step: null, readonly: false, returnsRows: false, hasReturning: false } as const
const READ = { step: null, readonly: true, returnsRows: true, hasReturning: false } as const

function classify(statement: Stmt): Class {
  switch (statement.type) {
    case 'SelectStmt':
      return { ...READ, kind: 'select' }
    case 'InsertStmt':
      return change('insert', statement.returning)
    case 'UpdateStmt':
      return change('update', statement.returning)
    case 'DeleteStmt':
      return change('delete', statement.returning)
    case 'ExplainStmt':
      return { ...READ, kind: 'explain', readonly: classify(statement.stmt).readonly }
    case 'PragmaStmt':
      return { ...WRITE, kind: 'pragma', ...pragmaUse(statement) }
    case 'AttachStmt':
    case 'DetachStmt':
      return { ...WRITE, kind: 'attach', readonly: true }
    case 'VacuumStmt':
      return { ...WRITE, kind: 'vacuum' }
    case 'AnalyzeStmt':
      return { ...WRITE, kind: 'analyze' }
    case 'ReindexStmt':
      return { ...WRITE, kind: 'reindex' }
    default:
      return classifyTransaction(statement) ?? { ...WRITE, kind: 'ddl' }
  }
}

function change(kind: StatementKind, returning: readonly unknown[] | undefined): Class {
  const hasReturning = returning !== undefined && returning.length > 0
  return { ...WRITE, kind, hasReturning, returnsRows: hasReturning }
}

function classifyTransaction(statement: Stmt): Class | undefined {
  const step = stepOf(statement)
  if (step === undefined) return undefined
  // BEGIN IMMEDIATE and EXCLUSIVE take the write lock, so SQLite does not call them readonly.
  const locks = statement.type === 'BeginStmt' && !['Deferred', undefined].includes(statement.tx)
  return { ...WRITE, kind: 'transaction', step, readonly: !locks }
}

function savepointOf(statement: Stmt): string | null {
  switch (statement.type) {
    case 'SavepointStmt':
    case 'ReleaseStmt':
    case 'RollbackStmt':
      return statement.savepointName?.text ?? null
    default:
      return null
  }
}

function stepOf(statement: Stmt): TransactionStep | undefined {
  switch (statement.type) {
    case 'BeginStmt':
      return 'begin'
    case 'CommitStmt':
      return 'commit'
    case 'RollbackStmt':
      return statement.savepointName ? 'rollback-to' : 'rollback'
    case 'SavepointStmt':
      return 'savepoint'
    case 'ReleaseStmt':
      return 'release'
    default:
      return undefined
  }
}
