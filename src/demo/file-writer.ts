import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { CloneShape } from './clone-shapes.ts'
import type { FileShapes } from './file-shapes.ts'
import { keyCondition, type FileTable } from './file-tables.ts'
import type { Effect } from './ledger.ts'
import type { Random } from './random.ts'
import type { UpdateShape } from './update-shapes.ts'
import type { Value } from '../values/value.ts'
import type { TrafficDatabase, Work, Writer } from './work.ts'

/** A clone of this writer that lives. */
interface Clone {
  readonly key: readonly Value[]
  readonly row: ReadonlyMap<string, Value>
}

/** What a writer owns in one table. */
interface Holding {
  readonly shapes: FileShapes
  readonly keys: (readonly Value[])[]
  readonly clones: Clone[]
}

/** A step inside of a transaction or by itself. */
type Part = Omit<Work, 'run'> & {
  run(db: Pick<TrafficDatabase, 'get' | 'run'>): Promise<readonly Effect[]>
}

const maxClones = 200
const transactionShare = 0.2

/** Updates of its share of the rows, clones of rows with fresh keys, deletes of its own clones. */
export function createFileWriter(
  writer: number,
  writers: number,
  shapes: readonly FileShapes[],
  random: Random,
): Writer {
  const holdings = shapes.map((one) => ({
    shapes: one,
    keys: one.keys.filter((_, at) => at % writers === writer),
    clones: [],
  }))
  return {
    next: () => {
      if (holdings.length === 0) return null
      const first = partOf(random.pick(holdings), random)
      if (first === null || !random.chance(transactionShare)) return first
      // Another table, so that the two parts never mean the same row.
      const others = holdings.filter(({ shapes }) => shapes.table.name !== tableOf(first))
      const second = others.length === 0 ? null : partOf(random.pick(others), random)
      return second === null ? first : together(first, second)
    },
  }
}

function tableOf(part: Part): string {
  return part.name.slice(part.name.indexOf(' ') + 1)
}

function together(first: Part, second: Part): Work {
  let split = 0
  return {
    name: `${first.name} and ${second.name}`,
    intended: [...first.intended, ...second.intended],
    run: async (db) =>
      await db.transaction(async (tx) => {
        const one = await first.run(tx)
        split = one.length
        return [...one, ...(await second.run(tx))]
      }),
    done: (effects) => {
      first.done(effects.slice(0, split))
      second.done(effects.slice(split))
    },
    failed: () => {
      first.failed()
      second.failed()
    },
  }
}

function partOf(holding: Holding, random: Random): Part | null {
  const { updates, clone, table } = holding.shapes
  const kind = random.integer(1, 10)
  if (clone !== null && kind > 7 && holding.clones.length > 0 && !table.keysComeBack)
    return removeClone(table, holding, random)
  if (clone !== null && kind > 3 && holding.clones.length < maxClones) {
    return addClone(table, clone, holding, random)
  }
  return updates.length === 0 ? null : update(table, random.pick(updates), holding, random)
}

function cellsOf(table: FileTable, key: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(table.key.map((name, at) => [name, key[at] ?? null]))
}

function without<T>(list: T[], item: T): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}

function update(
  table: FileTable,
  shape: UpdateShape,
  holding: Holding,
  random: Random,
): Part | null {
  const { keys } = holding
  if (keys.length === 0) return null
  const key = random.pick(keys)
  const value = shape.value(random)
  const effect = { table: table.name, key: cellsOf(table, key), row: { [shape.column]: value } }
  return {
    name: `update ${table.name}`,
    intended: [effect],
    run: async (db) => {
      await db.run(shape.sql, [value, ...key])
      return [effect]
    },
    done: () => {},
    failed: () => without(keys, key),
  }
}

function addClone(
  table: FileTable,
  shape: CloneShape,
  holding: Holding,
  random: Random,
): Part | null {
  const model = random.pick(shape.models)
  const fresh = shape.fresh.draw(model, random)
  if (fresh === null) return null
  const row = new Map(
    shape.columns.map((name) => [name, fresh.get(name) ?? model.get(name) ?? null]),
  )
  return {
    name: `insert ${table.name}`,
    intended: [],
    run: async (db) => {
      const returned = await db.get<Record<string, Value>>(shape.sql, [...row.values()])
      if (returned === undefined) throw new Error('INSERT ... RETURNING gave no row')
      // What a generated key is, the database says; a declared one is exactly what was given.
      const key = table.generatedKey
        ? Object.values(returned).map((value) =>
            typeof value === 'number' ? BigInt(value) : value,
          )
        : table.key.map((name) => row.get(name) ?? null)
      return [{ table: table.name, key: cellsOf(table, key), row: Object.fromEntries(row) }]
    },
    done: ([effect]) => {
      if (effect !== undefined) holding.clones.push({ key: Object.values(effect.key), row })
    },
    failed: () => {},
  }
}

function removeClone(table: FileTable, holding: Holding, random: Random): Part {
  const clone = random.pick(holding.clones)
  const effect = { table: table.name, key: cellsOf(table, clone.key), row: null }
  return {
    name: `delete ${table.name}`,
    intended: [effect],
    run: async (db) => {
      await db.run(`DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`, [...clone.key])
      return [effect]
    },
    done: () => {
      without(holding.clones, clone)
      holding.shapes.clone?.fresh.release(clone.row)
    },
    failed: () => without(holding.clones, clone),
  }
}
