import { foldName } from '../sql/quote.ts'
import type { DivergenceClass } from './compare.ts'
import type { Effect } from './effect.ts'
import { unequalIn, type LeftRow } from './left-rows.ts'
import type { Course, Rehearsed } from './rehearse.ts'
import type { RuleSettings } from './rules.ts'
import { differsByClass } from './same.ts'
import type { LoggedWrite } from './write-log.ts'

/** What a rehearsal says of one statement. */
export type WriteVerdict =
  | { readonly kind: 'equal'; readonly rows: readonly RowName[] }
  | { readonly kind: 'undecided' | 'unknown' | 'untranslated'; readonly reason: string }
  | { readonly kind: 'divergent'; readonly reason: string; readonly finding: WriteFinding }

/** A row that PostgreSQL has changed as SQLite has, by its table and the text of its key. */
export interface RowName {
  readonly table: string
  readonly key: string
}

export interface WriteFinding {
  readonly class: DivergenceClass
  /** What each place said, where the rows do not say it; no value is in it but what an error of PostgreSQL names. */
  readonly sqlite: string | null
  readonly postgres: string | null
  readonly rows: readonly DifferingRow[]
}

export interface DifferingRow extends LeftRow {
  /** By their positions among the shipped columns. */
  readonly columns: readonly number[]
}

const behind = 'behind a statement that went another way'

/**
 * Judges the statements of a batch, each by how it went and by the rows that it has changed.
 * @param left every row that was changed on either place; without those that are equal it tells nothing less
 */
export function judgeWrites(
  writes: readonly LoggedWrite[],
  effects: readonly Effect[],
  { courses, touched }: Rehearsed,
  left: readonly LeftRow[],
  settings: RuleSettings,
): WriteVerdict[] {
  const tried = effects.slice(0, courses.length)
  const last = courses.at(-1)
  if (last !== undefined && last.kind !== 'same') {
    const doubt = doubtOf(last.kind === 'refused' ? withoutOwnOrder(tried) : tried)
    return writes.map((_, at): WriteVerdict => {
      if (at < courses.length - 1) return { kind: 'equal', rows: [] }
      return at === courses.length - 1
        ? judgeCourse(last, doubt)
        : { kind: 'unknown', reason: behind }
    })
  }
  const byChance = new Set(effects.flatMap((effect) => [...effect.byChance]))
  const differing = left.flatMap((row): DifferingRow[] => {
    const columns = unequalIn(row, byChance, settings)
    const isAlone = (row.sqlite === null) !== (row.postgres === null)
    return isAlone || columns.length > 0 ? [{ ...row, columns }] : []
  })
  const by = byAuthor(differing, writes, effects, touched)
  return writes.map((_, at): WriteVerdict => {
    const rows = by.get(at)
    if (rows === undefined) return { kind: 'equal', rows: rowsBy(at, touched) }
    const doubt = doubtOf(effects.slice(at, at + 1)) ?? doubtOf(tried)
    if (doubt !== null) return { kind: 'undecided', reason: doubt }
    const finding: WriteFinding = { class: classOf(rows), sqlite: null, postgres: null, rows }
    return { kind: 'divergent', reason: 'it leaves other rows on PostgreSQL', finding }
  })
}

/** Why what the statements leave may differ though both places are right, or null. */
function doubtOf(effects: readonly Effect[]): string | null {
  for (const { undecided, loose } of effects) {
    const reason = undecided ?? loose
    if (reason !== null) return reason
  }
  for (const column of effects.flatMap(({ byChance }) => [...byChance])) {
    const name = column.slice(column.indexOf('.') + 1)
    if (effects.some(({ reads }) => reads === null || reads.has(name)))
      return `a statement reads ${column}, which chance or the time has given`
  }
  return null
}

/** In whatever order it takes them, a statement is refused none of the rows that SQLite took, unless one before it left others. */
function withoutOwnOrder(effects: readonly Effect[]): Effect[] {
  return effects.map((effect, at) =>
    at === effects.length - 1 ? { ...effect, loose: null } : effect,
  )
}

function judgeCourse(course: Course, doubt: string | null): WriteVerdict {
  if (course.kind === 'same') return { kind: 'equal', rows: [] }
  if ('reason' in course) return course
  if (doubt !== null) return { kind: 'undecided', reason: doubt }
  const { sqlite, postgres } = course
  const isCount = course.kind === 'count'
  return {
    kind: 'divergent',
    reason: `SQLite: ${sqlite}; PostgreSQL: ${postgres}`,
    finding: {
      class: isCount ? (course.more ? 'extra' : 'missing') : 'error',
      sqlite,
      postgres,
      rows: [],
    },
  }
}

/**
 * The rows that differ, by the statement that changed them last on PostgreSQL. What none changed there, SQLite has
 * changed by triggers, foreign keys or REPLACE, or by a statement that changed another row on PostgreSQL instead: its
 * count is the same on both places, so that row differs as well. Where none can be told, all that write the table count.
 */
function byAuthor(
  differing: readonly DifferingRow[],
  writes: readonly LoggedWrite[],
  effects: readonly Effect[],
  touched: Rehearsed['touched'],
): Map<number, DifferingRow[]> {
  const by = new Map<number, DifferingRow[]>()
  const blame = (at: number, row: DifferingRow): void =>
    void by.set(at, [...(by.get(at) ?? []), row])
  const untouched = differing.filter((row) => {
    const last = touched.find(({ table, text }) => table === row.table && text === row.text)
    if (last !== undefined) blame(last.by, row)
    return last === undefined
  })
  const instead = new Map(
    [...by].map(([at, rows]) => [at, new Set(rows.map(({ table }) => table))]),
  )
  const all = [...writes.keys()].filter((at) => writes[at]?.kind !== 'transaction')
  for (const row of untouched) {
    const name = foldName(row.table.name)
    const own = all.filter(
      (at) => effects[at]?.uncounted.has(name) === true || instead.get(at)?.has(row.table) === true,
    )
    const writing = all.filter((at) => effects[at]?.tables.has(name) === true)
    for (const at of [own, writing, all].find((some) => some.length > 0) ?? []) blame(at, row)
  }
  return by
}

function rowsBy(at: number, touched: Rehearsed['touched']): RowName[] {
  return touched
    .filter(({ by }) => by === at)
    .map(({ table, text }) => ({ table: table.name, key: text }))
}

function classOf(rows: readonly DifferingRow[]): DivergenceClass {
  if (rows.every(({ postgres }) => postgres === null)) return 'missing'
  if (rows.every(({ sqlite }) => sqlite === null)) return 'extra'
  const isClassOnly = rows.every(
    ({ sqlite, postgres, columns }) =>
      sqlite !== null &&
      postgres !== null &&
      columns.every((at) => differsByClass(sqlite[at] ?? null, postgres[at] ?? null)),
  )
  return isClassOnly ? 'type' : 'value'
}
