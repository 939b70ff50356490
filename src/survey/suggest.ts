import { decideGenerated } from '../schema/generated.ts'
import type { Table } from '../schema/model.ts'
import { columnPath } from '../schema/overrides.ts'
import { planFindings } from '../schema/plan-findings.ts'
import { upgradeObstacle } from '../schema/upgrade-rules.ts'
import { isEmpty } from '../schema/choose-type.ts'
import type { UpgradedType } from '../values/value.ts'
import type { Upgrade } from './candidates.ts'
import { linkedColumns } from './linked-columns.ts'
import { maxKeys } from '../schema/sample.ts'
import type { TableSurvey } from './survey-table.ts'
import type { ColumnTally } from './tally.ts'

/** A type of PostgreSQL's own that a column could have. */
export interface Suggestion {
  readonly table: string
  readonly column: string
  readonly type: UpgradedType
  /** Every value that is not NULL went through the codec there and back, and was the same bit for bit. */
  readonly proven: number
  /** Why the type is meant. */
  readonly evidence: string
}

/** A type that most values of a column would have, or that something else forbids. */
export interface NotSuggested {
  readonly table: string
  readonly column: string
  readonly type: UpgradedType
  readonly fits: number
  /** Rows whose value does not fit, and the keys of the first of them. */
  readonly misfits: number
  readonly keys: readonly string[]
  readonly reasons: readonly string[]
}

export interface Suggestions {
  readonly suggested: readonly Suggestion[]
  readonly notSuggested: readonly NotSuggested[]
}

interface Place {
  readonly path: string
  readonly survey: TableSurvey
  readonly tally: ColumnTally
}

export interface SuggestSettings {
  readonly surveys: readonly TableSurvey[]
  /** With the types that they have without any suggestion. */
  readonly tables: readonly Table[]
  /** The columns, by `columnPath`, whose type the operator has decided. */
  readonly decided: ReadonlySet<string>
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  readonly pause: () => Promise<void>
}

/**
 * The types that all values of a column have proven to fit. Columns that foreign keys tie together get one type or
 * none, and a type that would keep an index, a default or a trigger from being carried is not suggested.
 */
export async function suggestTypes(settings: SuggestSettings): Promise<Suggestions> {
  const { surveys, decided, pause } = settings
  const places = placesIn(surveys)
  const groups = linkedColumns(surveys.map(({ table }) => table))
  const suggested: Suggestion[] = []
  const notSuggested: NotSuggested[] = []
  const done = new Set<string>()
  let { tables } = settings
  for (const place of places.values()) {
    if (done.has(place.path)) continue
    const group = [...(groups.get(place.path) ?? [place.path])].map((path) => places.get(path))
    const members = group.filter((each) => each !== undefined)
    for (const { path } of members) done.add(path)
    const found = members.length === group.length ? typeOf(members, decided) : undefined
    if (found === undefined) {
      notSuggested.push(...members.flatMap((member) => nearMiss(member)))
      continue
    }
    await pause()
    const changed = withType(tables, members, found)
    const problems = newDecisions(tables, changed, settings.schema)
    if (problems.length === 0) {
      tables = changed
      suggested.push(...members.map((member) => suggestion(member, found)))
    } else notSuggested.push(...members.map((member) => forbidden(member, found, problems)))
  }
  const paths = [...places.keys()]
  const rank = ({ table, column }: Suggestion): number => paths.indexOf(columnPath(table, column))
  return { suggested: suggested.toSorted((a, b) => rank(a) - rank(b)), notSuggested }
}

function placesIn(surveys: readonly TableSurvey[]): Map<string, Place> {
  const places = surveys.flatMap((survey) =>
    survey.columns.map((tally): Place => {
      const path = columnPath(survey.table.name, tally.column.name)
      return { path, survey, tally }
    }),
  )
  // A configuration names a column by this path, so it must mean one column, on one line.
  const seen = new Map<string, number>()
  for (const { path } of places) seen.set(path, (seen.get(path) ?? 0) + 1)
  const isSure = ({ path }: Place): boolean =>
    seen.get(path) === 1 && !/[\n\r\u2028\u2029]/.test(path)
  return new Map(places.filter(isSure).map((place) => [place.path, place]))
}

/** The first type that some member has proven, and that no member is against. */
function typeOf(members: readonly Place[], decided: ReadonlySet<string>): UpgradedType | undefined {
  if (members.some(({ path }) => decided.has(path))) return undefined
  return members
    .flatMap(({ tally }) => tally.candidates.upgrades)
    .filter(({ trial }) => trial.fits > 0)
    .map(({ type }) => type)
    .find((type) => members.every((member) => agrees(member, type)))
}

/** A column without values agrees, if the type is one for it. */
function agrees({ tally, survey }: Place, type: UpgradedType): boolean {
  const upgrade = upgradeOf(tally, type)
  if (upgrade !== undefined) return upgrade.trial.misfits === 0 && !upgrade.trial.isOver
  return isEmpty(tally.profile) && upgradeObstacle(tally.column, survey.table, type) === null
}

function upgradeOf(tally: ColumnTally, type: UpgradedType): Upgrade | undefined {
  return tally.candidates.upgrades.find((each) => each.type === type)
}

function suggestion({ survey, tally }: Place, type: UpgradedType): Suggestion {
  const upgrade = upgradeOf(tally, type)
  return {
    table: survey.table.name,
    column: tally.column.name,
    type,
    proven: upgrade?.trial.fits ?? 0,
    evidence: upgrade?.evidence ?? 'the column that it refers to, or that refers to it',
  }
}

/** The type that most values fit, where all of them do not. */
function nearMiss({ survey, tally }: Place): NotSuggested[] {
  const [closest] = tally.candidates.upgrades
    .filter(({ trial: { fits, misfits, isOver } }) => !isOver && misfits > 0 && fits >= misfits)
    .toSorted((left, right) => left.trial.misfits - right.trial.misfits)
  if (closest === undefined) return []
  const { type, trial } = closest
  const samples = [...trial.refused.values()]
  return [
    {
      table: survey.table.name,
      column: tally.column.name,
      type,
      fits: trial.fits,
      misfits: trial.misfits,
      keys: samples.flatMap(({ keys }) => keys).slice(0, maxKeys),
      reasons: [...trial.refused.keys()],
    },
  ]
}

function forbidden(
  { survey, tally }: Place,
  type: UpgradedType,
  reasons: readonly string[],
): NotSuggested {
  return {
    table: survey.table.name,
    column: tally.column.name,
    type,
    fits: upgradeOf(tally, type)?.trial.fits ?? 0,
    misfits: 0,
    keys: [],
    reasons,
  }
}

function withType(
  tables: readonly Table[],
  members: readonly Place[],
  postgresType: UpgradedType,
): readonly Table[] {
  const paths = new Set(members.map(({ path }) => path))
  return tables.map((table) => {
    const isMeant = (column: { name: string }): boolean =>
      paths.has(columnPath(table.name, column.name))
    if (!table.columns.some(isMeant)) return table
    const columns = table.columns.map((column) =>
      isMeant(column) ? { ...column, postgresType } : column,
    )
    return decideGenerated({ ...table, columns })
  })
}

/** What the change would have the operator decide besides. Only tables that it touches, and those with triggers, can tell. */
function newDecisions(
  before: readonly Table[],
  after: readonly Table[],
  schema: string,
): readonly string[] {
  const isTouched = (position: number): boolean =>
    before[position] !== after[position] || (after[position]?.triggers.length ?? 0) > 0
  const decisions = (tables: readonly Table[]): string[] =>
    tables
      .filter((_, position) => isTouched(position))
      .flatMap((table) => planFindings(table, tables, schema))
      .filter(({ level }) => level === 'decision')
      .map(({ message }) => message)
  const known = new Set(decisions(before))
  return decisions(after).filter((message) => !known.has(message))
}
