import { isLockstepError } from '../core/errors.ts'
import type { Catalog } from '../sql/catalog.ts'
import { translateView, type TranslatedView } from '../sql/ddl/view.ts'
import type { CommonTable } from '../sql/translate/scope.ts'
import type { View } from '../sql/views.ts'
import { catalogOf } from './catalog.ts'
import type { DdlStatement } from './ddl.ts'
import { info, viewNotCarried } from './findings.ts'
import type { Finding, Table } from './model.ts'
import { nameProblem } from './postgres-names.ts'
import { foldName, quoteIdentifier as quote, quoteLiteral, quoteQualified } from './quote.ts'
import { formHash, markView, viewMark } from './view-mark.ts'

/** A view of the application that PostgreSQL gets as a view of its own. */
export interface CarriedView {
  readonly name: string
  /** The text of SQLite's CREATE VIEW, which the view's comment on PostgreSQL keeps. */
  readonly source: string
  readonly create: string
  /** Stands for it and the source in the comment. */
  readonly form: string
  /** What it reads, folded: tables and other views. */
  readonly reads: readonly string[]
}

export interface ViewPlan {
  /** Each behind those that it reads. */
  readonly carried: readonly CarriedView[]
  /** What becomes of each view, for better or worse. */
  readonly findings: readonly Finding[]
}

/**
 * The application's views as views of PostgreSQL, for other programs: statements that come through Lockstep bring the
 * definition along. One without a faithful form there is a finding.
 * @param views by folded name
 * @param schema of the tables on PostgreSQL, and of the views
 */
export function carryViews(
  views: ReadonlyMap<string, View>,
  tables: readonly Table[],
  schema: string,
): ViewPlan {
  if (views.size === 0) return { carried: [], findings: [] }
  const catalog: Catalog = {
    ...catalogOf({ version: 0, tables, foreignKeys: true }),
    postgresSchema: schema,
  }
  const carried: CarriedView[] = []
  const findings: Finding[] = []
  /** By folded name; null where it is not carried, or being looked at. */
  const known = new Map<string, CommonTable | null>()
  const carry = (view: View): void => {
    const folded = foldName(view.name)
    if (known.has(folded)) return
    known.set(folded, null)
    const inner = view.reads.flatMap((name) => views.get(name) ?? [])
    for (const each of inner) carry(each)
    try {
      const read = inner.map((each) => known.get(foldName(each.name)) ?? refuseReader(each))
      const sqlName = quoteQualified(schema, view.name)
      const translated = translateView(view.sql, { catalog, known: read, sqlName })
      for (const name of [view.name, ...translated.columns]) refuseName(name)
      known.set(folded, translated.table)
      carried.push(formOf(sqlName, translated, view))
      findings.push(viewCarried(view, translated.mixed))
    } catch (error) {
      if (!isLockstepError(error) && !(error instanceof RangeError)) throw error
      findings.push(viewNotCarried(view.name, error.message))
    }
  }
  for (const view of views.values()) carry(view)
  return { carried, findings }
}

function refuseName(name: string): void {
  const problem = nameProblem(name)
  if (problem !== null) throw new RangeError(`the name "${name}": ${problem}`)
}

function refuseReader({ name }: View): never {
  throw new RangeError(`it reads the view "${name}", which is not carried`)
}

function formOf(
  sqlName: string,
  { columns, query }: TranslatedView,
  { name, sql, reads }: View,
): CarriedView {
  const names = columns.map(quote).join(', ')
  const text = `CREATE VIEW ${sqlName} (${names}) AS ${query}`
  const form = formHash(`${text} ${sql}`)
  return { name, source: sql, reads, form, create: `${text}; ${markView(sqlName, form, sql)}` }
}

function viewCarried({ name, triggers }: View, mixed: readonly string[]): Finding {
  const parts = ['the view is one on PostgreSQL too']
  if (triggers.length > 0)
    parts.push('without its INSTEAD OF triggers, so that other programs only read it')
  if (mixed.length > 0)
    parts.push(`values of several classes are json there: ${mixed.map(quote).join(', ')}`)
  return info('VIEW_CARRIED', { table: name }, parts.join('; '))
}

export function makeView({ name, create: sql }: CarriedView): DdlStatement {
  return { sql, table: name, object: name, mayFail: true, isView: true }
}

/** Leaves an operator's own view of the name where it is. */
export function dropView(name: string, schema: string): DdlStatement {
  const view = quoteQualified(schema, name)
  const isOwn = `starts_with(obj_description(to_regclass(${quoteLiteral(view)}), 'pg_class'), ${quoteLiteral(viewMark)})`
  const body = `BEGIN IF ${isOwn} THEN DROP VIEW ${view}; END IF; END`
  return { sql: `DO ${quoteLiteral(body)}`, table: name, object: name, mayFail: false }
}

/** What surrounds a change of the tables, which PostgreSQL refuses of what a view reads. */
export interface ViewChange {
  readonly first: readonly DdlStatement[]
  readonly last: readonly DdlStatement[]
}

/**
 * Takes out the views that are not as they were, or that read what goes, with those that read them, and makes the
 * views that are to be there.
 * @param going folded names of tables that go, or lose a column
 */
export function changeViews(
  before: readonly CarriedView[],
  after: readonly CarriedView[],
  { schema, going }: { schema: string; going: ReadonlySet<string> },
): ViewChange {
  const now = new Map(after.map((view) => [view.name, view.form]))
  const stale = withReaders(before, (view) => {
    return now.get(view.name) !== view.form || view.reads.some((name) => going.has(name))
  })
  const kept = new Set(before.filter((view) => !stale.has(view)).map(({ name }) => name))
  return {
    first: [...stale].toReversed().map(({ name }) => dropView(name, schema)),
    last: after.filter(({ name }) => !kept.has(name)).map(makeView),
  }
}

/** The chosen views with all that read them, in the order in which they can be made. */
export function withReaders(
  views: readonly CarriedView[],
  isChosen: (view: CarriedView) => boolean,
): Set<CarriedView> {
  const chosen = new Set<CarriedView>()
  const names = new Set<string>()
  for (const view of views) {
    if (!isChosen(view) && !view.reads.some((name) => names.has(name))) continue
    chosen.add(view)
    names.add(foldName(view.name))
  }
  return chosen
}
