import type { Lockstep } from '../api.ts'
import type { Divergences } from '../traffic/divergences.ts'
import type { Engine } from '../engine/engine.ts'
import { repair } from '../move/repair.ts'
import { requirePair } from '../engine/pair.ts'
import { keyCodec } from '../schema/key-codec.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Case, KeptDivergence } from '../shadow/divergence.ts'
import type { Query } from '../shadow/trial.ts'
import type { Shadowing } from '../traffic/shadowing.ts'
import { foldName } from '../sql/quote.ts'

export interface MendedDivergence {
  /** How many rows were shipped again. */
  readonly rows: number
  /** Whether the places have been seen to answer alike since. */
  readonly resolved: boolean
}

/** Looks at divergences a second time, and mends them. */
export interface Mending {
  /**
   * Ships the rows of a divergence again, all of its tables where no row is known, and looks whether they are equal. Of a
   * rehearsed write no row differs: it is taken for mended, until a rehearsal finds it again.
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
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<unknown> | undefined

  /** @returns the cases of each that are equal now */
  async function look(
    kept: readonly KeptDivergence[],
    reason: string,
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const asked = kept.filter(isOfRead).flatMap((one) =>
      one.cases.flatMap((each) => {
        const queries = queriesOf(engine, divergences, one, each)
        return queries.length === 0 ? [] : { id: one.id, caseId: each.id, queries }
      }),
    )
    const equal = new Map<string, Set<string>>()
    if (asked.length === 0) return equal
    const answers = await shadowing.areEqual(asked.flatMap(({ queries }) => queries))
    let at = 0
    for (const { id, caseId, queries } of asked) {
      const own = answers.slice(at, (at += queries.length))
      if (own.some((answer) => answer !== true)) continue
      equal.set(id, (equal.get(id) ?? new Set()).add(caseId))
    }
    for (const [id, cases] of equal) await divergences.equal(id, cases, reason)
    return equal
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
        return { rows: 0, resolved: divergences.find(id).state === 'resolved' }
      }
      const rows = await shipAgain(engine, kept)
      await caughtUp()
      const equal = (await look([kept], 'repaired')).get(id)
      // One that is ignored stays so, equal or not.
      const isEqual = kept.cases.every((one) => equal?.has(one.id) === true)
      return { rows, resolved: isEqual && divergences.find(id).state !== 'open' }
    },
    start: () => void (timer = setInterval(tick, lookMs).unref()),
    stop: () => clearInterval(timer),
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
  return byKey.length > 0 ? byKey : [{ sql, args: [] }]
}

function queryByKey(table: Table, texts: readonly string[]): Query {
  const condition = table.key.columns.map((name) => `${quote(name)} = ?`).join(' AND ')
  return {
    sql: `SELECT * FROM ${quote(table.name)} WHERE ${condition}`,
    args: [keyCodec(table).decode(texts)],
  }
}
