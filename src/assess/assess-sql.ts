import type pg from 'pg'
import { messageOf } from '../core/errors.ts'
import { foldName } from '../schema/quote.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import { overridable } from '../sql/overrides/override.ts'
import { judge, type Judgement, type JudgeOptions } from './judge.ts'
import { prepareOnServer } from './prepare.ts'
import type { ReadSql, ReadStatement } from './read-statements.ts'
import { summed, type SqlReport, type StatementReport } from './sql-report.ts'

export interface AssessSqlOptions extends JudgeOptions {
  /** Folded names of tables and views, by which a statement is told from a phrase that reads like one. */
  readonly known: ReadonlySet<string>
  /** Folded names of views: their definitions come before a statement, and its places are not those of the file then. */
  readonly views: ReadonlySet<string>
  /** The server, or why it is not asked. */
  readonly server: pg.Client | string
  readonly onStatement?: (done: number, all: number) => void
  /** Lets others run between statements; a promise that rejects ends the work. */
  readonly pause?: () => Promise<void>
}

/** Judges every statement that was read, in order; the same text once. */
export async function assessSql(read: ReadSql, options: AssessSqlOptions): Promise<SqlReport> {
  const { pause = async () => undefined, onStatement = () => undefined } = options
  const judged = new Map<string, Judgement>()
  const statements: StatementReport[] = []
  let notPrepared = typeof options.server === 'string' ? options.server : null
  for (const [index, statement] of read.statements.entries()) {
    if (index % 50 === 0) await pause()
    onStatement(index + 1, read.statements.length)
    if (!isStatement(statement, options)) continue
    let judgement = judged.get(statement.sql)
    if (judgement === undefined) {
      judgement = judge(statement.sql, options)
      if (typeof options.server !== 'string' && notPrepared === null && judgement.error === null) {
        try {
          judgement = await prepareOnServer(options.server, judgement)
        } catch (error) {
          notPrepared = `it went away: ${messageOf(error)}`
        }
      }
      judged.set(statement.sql, judgement)
    }
    if (!isPhrase(statement, judgement)) statements.push(reportOf(statement, judgement, options))
  }
  const { files, unreadable, unread, fragments } = read
  return summed({ files, statements, unreadable, unread, fragments, notPrepared })
}

/** "Select a user from the list" is a statement by the grammar. */
function isStatement({ sql, piece, isMeant }: ReadStatement, options: AssessSqlOptions): boolean {
  if (piece.context === 'script') return true
  const { kind, tables } = options.plans.of(sql)
  if (kind === null || !overridable.has(kind)) return isMeant
  if (piece.context !== 'plain') return true
  return tables.some((table) => options.known.has(foldName(table)))
}

/** In small letters, and SQLite cannot make anything of its names. */
function isPhrase({ piece, isMeant }: ReadStatement, { error }: Judgement): boolean {
  return piece.context === 'plain' && !isMeant && error?.code === 'SQLITE_ERROR'
}

function reportOf(
  statement: ReadStatement,
  { verdict, error, override }: Judgement,
  { plans, views }: AssessSqlOptions,
): StatementReport {
  const { sql, shown, place, isSpliced } = statement
  const { construct, wayOut } = error?.details ?? {}
  const plan = plans.of(sql)
  const isRewritten = plan.asksConnection || plan.tables.some((table) => views.has(foldName(table)))
  return {
    ...place,
    sql: shown,
    fingerprint: isSpliced ? null : tryFingerprint(sql),
    verdict,
    override: override !== null,
    code: error?.code ?? null,
    construct: textOrNull(construct),
    reason: error?.message ?? null,
    wayOut: textOrNull(wayOut),
    at: error === null || isRewritten ? null : placeOf(statement, error.details),
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A NUL character has none. */
function tryFingerprint(sql: string): string | null {
  return sql.includes('\0') ? null : fingerprintOf(sql)
}

function placeOf(
  { sql, placeAt }: ReadStatement,
  { line, column }: Readonly<Record<string, unknown>>,
): StatementReport['at'] {
  if (typeof line !== 'number' || typeof column !== 'number') return null
  const before = sql.split('\n').slice(0, line - 1)
  const offset = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
  return offset <= sql.length ? placeAt(offset) : null
}
