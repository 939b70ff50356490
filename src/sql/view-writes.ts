import type { LockstepError } from '../core/errors.ts'
import type { Affinity } from '../values/value.ts'
import type { Catalog } from './catalog.ts'
import { firedTriggers, rowProgram, type ArgumentOf } from './ddl/instead-of.ts'
import { rowArgument } from './ddl/row-argument.ts'
import { cleanSql, parseStatements } from './parser.ts'
import { foldName, quoteName, quoteText } from './quote.ts'
import { analyze } from './statement.ts'
import { describeColumns } from './translate/describe.ts'
import { unsupported } from './translate/refuse.ts'
import { createTranslator } from './translate/translator.ts'
import type { ParameterClass, ResultColumn, Translation, Translator } from './translation.ts'
import { checkWidth, rowsOf, wrong, type ViewWrite } from './view-rows.ts'
import { withViews, type View } from './views.ts'

type Write = ViewWrite['statement']

/**
 * A translator for statements that read views, of which PostgreSQL has none: a statement brings along those that it
 * reads. It also writes views, by their INSTEAD OF triggers: the statement brings along what they do, and it is done for
 * one row after the other, as on SQLite. SQLite counts none of it: https://www.sqlite.org/c3ref/changes.html
 */
export function translatingViews(
  translator: Translator,
  { catalog, views }: { catalog: Catalog; views: ReadonlyMap<string, View> },
): Translator {
  if (views.size === 0) return translator
  const reading = readingViews(translator, views)
  const rows = readingViews(createTranslator(catalog, { sorted: true }), views)
  return {
    translate(sql, classes, collations) {
      const text = cleanSql(sql)
      const [statement, second] = parseStatements(text)
      const view = second === undefined ? viewOf(statement, views) : undefined
      if (view === undefined) return reading.translate(sql, classes, collations)
      const all = `SELECT * FROM ${quoteName(view.name)}`
      const columns = describeColumns(withViews(all, [view.name], views), catalog)
      const write = { sql: text, statement: statement as Write, view, columns }
      return translateWrite(write, classes, rows, reading)
    },
  }
}

function readingViews(translator: Translator, views: ReadonlyMap<string, View>): Translator {
  return {
    translate: (sql, classes, columns) =>
      translator.translate(withViews(sql, analyze(sql).tables, views), classes, columns),
  }
}

function viewOf(
  statement: { readonly type: string } | undefined,
  views: ReadonlyMap<string, View>,
): View | undefined {
  if (!['InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(statement?.type ?? '')) return undefined
  const { dbName, objName } = (statement as Write).tblName
  if (dbName !== undefined && foldName(dbName.text) !== 'main') return undefined
  return views.get(foldName(objName.text))
}

function translateWrite(
  write: ViewWrite,
  classes: readonly ParameterClass[],
  rowTranslator: Translator,
  reading: Translator,
): Translation {
  const { statement, view, columns } = write
  const readonly = (): LockstepError =>
    wrong(write, `cannot modify ${view.name} because it is a view`)
  // SQLite says so before it looks at any clause.
  if (view.triggers.length === 0) throw readonly()
  refuseClauses(write)
  const rows = rowsOf(write)
  const triggers = firedTriggers(view.triggers, rows.change)
  if (triggers.length === 0) throw readonly()
  const { steps, columns: results, assumptions } = rowTranslator.translate(rows.query, classes)
  const [step] = steps
  if (step === undefined) throw new Error('A query has a step')
  checkWidth(write, results.length)
  const argumentOf: ArgumentOf = (row, position) => {
    const at = rows[row === 'NEW' ? 'new' : 'old'][position]
    const result = at === undefined ? undefined : results[at]
    if (result === undefined) return { sql: 'NULL', class_: 'null' }
    // Of what is assigned UPDATE makes what the column would hold; INSERT takes it as it is.
    const isAssigned = row === 'NEW' && statement.type === 'UpdateStmt' && at !== rows.old[position]
    const affinity = columns[position]?.affinity ?? 'none'
    return rowArgument(`q.c${at}`, result.decoder, isAssigned ? affinity : asRead(affinity, result))
  }
  const { program, args } = rowProgram(triggers, columns, argumentOf, reading)
  const names = results.map((_, index) => `c${index}`).join(', ')
  const values = `ARRAY[${args.map(({ sql }) => sql).join(', ')}]::text[]`
  const text =
    `WITH q (${names}) AS MATERIALIZED (${step.text}) ` +
    `SELECT FROM q WHERE sqlite.instead_of(${quoteText(program)}::jsonb, ${values})`
  return Object.freeze({
    kind: kinds[statement.type],
    steps: [{ text, slots: step.slots, role: 'result' as const }],
    columns: [],
    hiddenColumns: 0,
    intoView: true,
    carriesOn: true,
    order: 'none',
    assumptions,
  })
}

/** Whatever was put there, an INTEGER is read as a REAL out of a column of REAL affinity (OP_RealAffinity). */
function asRead(affinity: Affinity | 'none', { decoder }: ResultColumn): Affinity | 'none' {
  return affinity === 'real' && decoder !== 'text' && decoder !== 'numeric-text' ? 'real' : 'none'
}

const kinds = { InsertStmt: 'insert', UpdateStmt: 'update', DeleteStmt: 'delete' } as const

function refuseClauses(write: ViewWrite): void {
  const { statement, sql, view } = write
  const { type } = statement
  const verb = kinds[type].toUpperCase()
  const refuse = (construct: string, wayOut: string): LockstepError =>
    unsupported(sql, `${verb} ${construct} on a view`, statement.tblName.span.offset, wayOut)
  if (type === 'InsertStmt' && statement.body.type === 'SelectInsertBody') {
    if (statement.body.upsert !== undefined) throw wrong(write, 'cannot UPSERT a view')
  }
  if (
    type !== 'DeleteStmt' &&
    statement.orConflict !== undefined &&
    statement.orConflict !== 'Abort'
  )
    throw refuse(`OR ${statement.orConflict.toUpperCase()}`, 'Leave the clause out')
  if ((statement.returning ?? []).length > 0)
    throw refuse('with RETURNING', `Read ${view.name} with a SELECT of its own`)
  if (type === 'InsertStmt') return
  // SQLite does not know the view's columns by the alias there, and the view by no other name.
  if (statement.tblName.alias !== undefined)
    throw refuse('with an alias', 'Use the view by its name')
  if (type === 'UpdateStmt' && statement.from !== undefined)
    throw refuse('with FROM', 'Use subqueries in SET')
  if (statement.orderBy !== undefined || statement.limit !== undefined)
    throw refuse('with LIMIT', 'Choose the rows in WHERE')
}
