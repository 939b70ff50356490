import type { Lockstep } from '../api.ts'
import type { Divergences } from '../traffic/divergences.ts'
import type { Engine } from '../engine/engine.ts'
import { repair } from '../move/repair.ts'
import { requirePair } from '../engine/pair.ts'
import { regularly } from '../engine/regularly.ts'
import { keyCodec } from '../schema/key-codec.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { DivergenceClass } from '../shadow/compare.ts'
import type { Case, KeptDivergence } from '../shadow/divergence.ts'
import type { Query } from '../shadow/trial.ts'
import type { Shadowing } from '../traffic/shadowing.ts'
import { verify } from '../move/verify.ts'
import { foldName } from '../sql/quote.ts'
import { analyze } from '../sql/statement.ts'
import { verifyContext } from './proving.ts'

export interface MendedDivergence {
  /** How many rows were shipped again. */
  readonly rows: number
  /** Whether it is open no more. */
  readonly resolved: boolean
  /** What was seen since, in words. */
  readonly found: string
}

/** Looks at divergences a second time, and mends them. */
export interface Mending {
  /**
   * Ships the rows of a divergence again, all of its tables where no row is known, and looks whether they are equal. Where
   * nobody knows the arguments any more that its statement needs, it is taken for mended if all rows of its tables are equal,
   * until a read finds it again; so is a rehearsed write, of which no row differs.
   * @throws LockstepError DIVERGENCE_UNKNOWN
   */
  repair(id: string): Promise<MendedDivergence>
  /** Looks now and then whether open ones have become equal. */
  start(): void
  stop(): void
}

/** How often the process that leads looks again; a pair of snapshots each time. */
const lookMs = 30_000

export function createMending(
  engine: Engine,
  parts: {
    divergences: Divergences
    shadowing: Shadowing
    caughtUp: () => Promise<void>
  },
): Mending {
  const { divergences, shadowing, caughtUp } = parts
  let looks: ReturnType<typeof regularly> | undefined
  let looking: Promise<unknown> | undefined

  /** @returns for each whether its cases are equal now, null where that cannot be told; those that were looked at */
  async function look(
    kept: readonly KeptDivergence[],
    reason: string,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, boolean | null>>> {
    const asked = kept.filter(isOfRead).flatMap((one) =>
      one.cases.flatMap((each) => {
        const queries = queriesOf(engine, divergences, one, each)
        return queries.length === 0 ? [] : { id: one.id, caseId: each.id, queries }
      }),
    )
    const seen = new Map<string, Map<string, boolean | null>>()
    if (asked.length === 0) return seen
    const answers = await shadowing.areEqual(asked.flatMap(({ queries }) => queries))
    let at = 0
    for (const { id, caseId, queries } of asked) {
      const own = answers.slice(at, (at += queries.length))
      const answer = own.includes(false) ? false : own.includes(null) ? null : true
      seen.set(id, (seen.get(id) ?? new Map<string, boolean | null>()).set(caseId, answer))
    }
    for (const [id, cases] of seen) {
      const equal = [...cases].flatMap(([caseId, answer]) => (answer === true ? caseId : []))
      if (equal.length > 0) await divergences.equal(id, new Set(equal), reason)
    }
    return seen
  }

  const tick = (): void => {
    if (!engine.session.leader || looking !== undefined) return
    const open = divergences.kept().filter((one) => one.state === 'open' && isOfRead(one))
    if (open.length === 0) return
    looking = look(open.slice(0, maxLooks), 'equal again')
      .catch(() => undefined)
      .finally(() => (looking = undefined))
  }

  return {
    async repair(id) {
      const kept = divergences.find(id)
      if (!isOfRead(kept)) {
        await divergences.rehearsed.mended(id)
        const resolved = divergences.find(id).state === 'resolved'
        return { rows: 0, resolved, found: 'taken for mended, until a rehearsal finds it again' }
      }
      const rows = await shipAgain(engine, kept)
      await caughtUp()
      const seen = (await look([kept], 'repaired')).get(id) ?? new Map<string, never>()
      const { isEqual, found } = await judge(kept, seen, () => areTablesEqual(engine, kept))
      if (isEqual === 'by its tables')
        await divergences.equal(id, new Set(kept.cases.map((one) => one.id)), takenForMended)
      // One that is ignored stays so, equal or not.
      return { rows, resolved: isEqual !== false && divergences.find(id).state !== 'open', found }
    },
    start: () => void (looks = regularly(lookMs, tick, engine)),
    stop: () => looks?.stop(),
  }
}

/** A write is not run again, and its rows are equal whatever it would do on PostgreSQL. */
function isOfRead({ rehearsed }: KeptDivergence): boolean {
  return rehearsed !== true
}

/** What an operator does with divergences. */
export function createDivergenceSteps(
  engine: Engine,
  divergences: Divergences,
  mending: Mending,
): Pick<Lockstep, 'divergences' | 'repairDivergence' | 'ignoreDivergence'> {
  return {
    async divergences({ state } = {}) {
      engine.requireInstalled()
      return divergences.list().filter((one) => state === undefined || one.state === state)
    },
    async repairDivergence({ id }) {
      await requirePair(engine)
      return mending.repair(id)
    },
    async ignoreDivergence({ id, reason }) {
      engine.requireInstalled()
      return divergences.ignore(id, reason)
    },
  }
}

/** So many are looked at each time, those that were seen last. */
const maxLooks = 20

/** The rows by their keys; where nothing names them, every row of the statement's tables. */
async function shipAgain(engine: Engine, { cases, tables }: KeptDivergence): Promise<number> {
  const keys = new Map<Table, string[][]>()
  for (const { rows, keys: texts } of cases) {
    for (const [at, { table: name }] of rows.entries()) {
      const table = tableOf(engine, name)
      if (table !== undefined) keys.set(table, [...(keys.get(table) ?? []), [...(texts[at] ?? [])]])
    }
  }
  let shipped = 0
  for (const [table, texts] of keys) {
    const { decode } = keyCodec(table)
    shipped += (await repair(engine.repairContext(), table, texts.map(decode))).rows
  }
  if (cases.every(({ rows }) => rows.length > 0)) return shipped
  for (const name of tables) {
    const table = tableOf(engine, name)
    if (table !== undefined) shipped += (await repair(engine.repairContext(), table)).rows
  }
  return shipped
}

function tableOf({ tables }: Engine, name: string): Table | undefined {
  return tables.find((one) => foldName(one.name) === foldName(name))
}

/**
 * What to run to see whether a case is equal again: the read that showed it, else the rows that it names, else the
 * statement, if it takes no arguments. None where that cannot be had any more.
 */
function queriesOf(
  engine: Engine,
  divergences: Divergences,
  { id, sql }: KeptDivergence,
  { id: caseId, rows, keys }: Case,
): Query[] {
  const known = divergences.queryOf(id, caseId)
  if (known !== undefined) return [known]
  const byKey = rows.flatMap(({ table: name }, at): Query[] => {
    const table = tableOf(engine, name)
    return table === undefined ? [] : [queryByKey(table, keys[at] ?? [])]
  })
  if (byKey.length > 0) return byKey
  return analyze(sql).parameters.length > 0 ? [] : [{ sql, args: [] }]
}

/** Differences that other rows may explain: the rest comes of the statement. */
const rowClasses: ReadonlySet<DivergenceClass> = new Set(['missing', 'extra', 'value', 'type'])
const takenForMended = 'taken for mended: the rows of its tables are equal'
const notRun = 'the statement was not run again, as its arguments are not known here'

interface Judgement {
  readonly isEqual: boolean | 'by its tables'
  readonly found: string
}

const no = (found: string): Judgement => ({ isEqual: false, found })

/** What has become of one whose rows were shipped, by the cases that were looked at. */
async function judge(
  { cases, class: kind }: KeptDivergence,
  seen: ReadonlyMap<string, boolean | null>,
  areTablesEqual: () => Promise<boolean>,
): Promise<Judgement> {
  const left = cases.filter((one) => seen.get(one.id) !== true)
  if (left.length === 0) return { isEqual: true, found: 'both places answer alike now' }
  if (left.some((one) => seen.get(one.id) === false)) return no('the places still differ')
  if (left.some((one) => seen.has(one.id))) return no('whether they are alike cannot be told now')
  if (!rowClasses.has(kind))
    return no(`${notRun}; a run with the same arguments that is equal resolves it`)
  if (!(await areTablesEqual()))
    return no(`${notRun}, and rows of its tables still differ: run \`lockstep verify\``)
  const found = `all rows of its tables are equal; ${notRun}, and a read that differs opens it again`
  return { isEqual: 'by its tables', found }
}

/** All of the schema where one of the names is no table, but a view of some. */
async function areTablesEqual(engine: Engine, { tables }: KeptDivergence): Promise<boolean> {
  const read = tables.map((name) => tableOf(engine, name))
  const compared = read.includes(undefined)
    ? engine.tables
    : read.filter((one) => one !== undefined)
  return (await verify(verifyContext(engine, {}), compared, {})).equal
}

function queryByKey(table: Table, texts: readonly string[]): Query {
  const condition = table.key.columns.map((name) => `${quote(name)} = ?`).join(' AND ')
  return {
    sql: `SELECT * FROM ${quote(table.name)} WHERE ${condition}`,
    args: [keyCodec(table).decode(texts)],
  }
}
