import { isDeepStrictEqual } from 'node:util'
import { info, viewNotCarried } from './findings.ts'
import type { Finding } from './model.ts'
import type { PostgresView } from './postgres-model.ts'
import {
  dropView,
  makeView,
  markView,
  withReaders,
  type CarriedView,
  type ViewChange,
} from './postgres-views.ts'

export interface ViewsToSync {
  /** Each behind those that it reads. */
  readonly carried: readonly CarriedView[]
  /** What PostgreSQL makes of each, or why it refuses it. */
  readonly wanted: ReadonlyMap<string, PostgresView | string>
  /** What is there, in the order in which it was made. */
  readonly actual: ReadonlyMap<string, PostgresView>
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  /** Folded names of tables whose columns or keys change, which PostgreSQL refuses beneath a view. */
  readonly altered: ReadonlySet<string>
}

/** What brings the views of PostgreSQL to those of SQLite. An operator's own view of a name stays as it is. */
export interface ViewSync extends ViewChange {
  readonly findings: readonly Finding[]
  /** What is not as it should be, by the view's name. */
  readonly problems: ReadonlyMap<string, string>
}

export function syncViews(given: ViewsToSync): ViewSync {
  const { carried, actual, schema, altered } = given
  const findings: Finding[] = []
  const problems = new Map<string, string>()
  const own = carried.filter((view) => isOwn(view, given, findings))
  for (const { name } of own) {
    const problem = problemOf(name, given)
    if (problem !== null) problems.set(name, problem)
  }
  const names = new Set(carried.map(({ name }) => name))
  for (const { name, source } of actual.values())
    if (source !== null && !names.has(name))
      problems.set(name, `view ${name} is left of one that SQLite has no more`)
  const stale = withReaders(own, ({ name, reads }) => {
    return problems.has(name) || reads.some((table) => altered.has(table))
  })
  const made = new Set([...stale].map(({ name }) => name))
  // One that reads another was made behind it.
  const gone = [...actual.values()].toReversed().filter(({ name, source }) => {
    return source !== null && (made.has(name) || problems.has(name))
  })
  const marked = own.filter(({ name, source }) => {
    return !made.has(name) && actual.get(name)?.source !== source
  })
  return {
    first: gone.map(({ name }) => dropView(name, schema)),
    last: [...[...stale].map(makeView), ...marked.map((view) => markView(view, schema))],
    findings,
    problems,
  }
}

/** Whether it is for Lockstep to make. */
function isOwn(
  { name }: CarriedView,
  { wanted, actual }: ViewsToSync,
  findings: Finding[],
): boolean {
  const form = wanted.get(name)
  if (form === undefined) return false
  if (typeof form === 'string') {
    findings.push(viewNotCarried(name, form))
    return false
  }
  const found = actual.get(name)
  if (found === undefined || found.source !== null || isAlike(found, form)) return true
  const message =
    'PostgreSQL has a view of that name that Lockstep has not made, which stays as it is'
  findings.push(info('VIEW_OF_OPERATOR', { table: name }, message))
  return false
}

function problemOf(name: string, { wanted, actual }: ViewsToSync): string | null {
  const found = actual.get(name)
  if (found === undefined) return `view ${name} is missing`
  const form = wanted.get(name)
  return typeof form === 'object' && isAlike(found, form)
    ? null
    : `view ${name} is not what SQLite's definition makes of it`
}

function isAlike(found: PostgresView, wanted: PostgresView): boolean {
  return found.definition === wanted.definition && isDeepStrictEqual(found.columns, wanted.columns)
}
