import { info } from './findings.ts'
import type { Finding } from './model.ts'
import type { PostgresView } from './postgres-model.ts'
import {
  dropView,
  makeView,
  withReaders,
  type CarriedView,
  type ViewChange,
} from './postgres-views.ts'

export interface ViewsToSync {
  /** Each behind those that it reads. */
  readonly carried: readonly CarriedView[]
  /** What is there, in the order in which it was made. */
  readonly actual: ReadonlyMap<string, PostgresView>
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  /** Folded names of tables whose columns or keys change, which PostgreSQL refuses beneath a view. */
  readonly altered: ReadonlySet<string>
}

/** What brings the views of PostgreSQL to those of SQLite. */
export interface ViewSync extends ViewChange {
  readonly findings: readonly Finding[]
  /** What is not as it should be, by the view's name. */
  readonly problems: ReadonlyMap<string, string>
}

export function syncViews({ carried, actual, schema, altered }: ViewsToSync): ViewSync {
  const own = carried.filter(({ name }) => actual.get(name)?.source !== null)
  const problems = new Map<string, string>()
  for (const view of own) {
    const problem = problemOf(view, actual.get(view.name))
    if (problem !== null) problems.set(view.name, problem)
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
  return {
    first: gone.map(({ name }) => dropView(name, schema)),
    last: [...stale].map(makeView),
    findings: carried.filter((view) => !own.includes(view)).map(operatorsOwn),
    problems,
  }
}

/** Such a view stays as it is. */
function operatorsOwn({ name }: CarriedView): Finding {
  const message =
    'PostgreSQL has something of that name that Lockstep has not made, and that stays as it is: drop it to get the view of SQLite'
  return info('VIEW_OF_OPERATOR', { table: name }, message)
}

function problemOf({ name, form }: CarriedView, found: PostgresView | undefined): string | null {
  if (found === undefined) return `view ${name} is missing`
  if (found.intact && found.form === form) return null
  return `view ${name} is not what SQLite's definition makes of it`
}
