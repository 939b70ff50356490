import type { Database } from 'better-sqlite3'
import { canonical } from './canonical.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { FileTable } from './file-tables.ts'
import type { Random } from './random.ts'
import { InvalidText } from '../values/invalid-text.ts'
import type { Value } from '../values/value.ts'

/** Gives values that no row of a table holds, shared by all writers of the process. */
export interface FreshValues {
  /**
   * The cells to replace in a clone of `row`, so that no unique set clashes; null where the table has no
   * room for another row.
   * @param ahead for a trial: how far beyond the next one a number is to be
   */
  draw(row: ReadonlyMap<string, Value>, random: Random, ahead?: bigint): Map<string, Value> | null
  /** The row of these cells is gone again, its values can be used once more. */
  release(cells: ReadonlyMap<string, Value>): void
}

const knownValues = 200_000
const tries = 50
const largestInteger = 2n ** 62n

export function createFreshValues(db: Database, table: FileTable): FreshValues {
  const sets = table.uniqueSets.filter(
    (set) => !(table.generatedKey && set.join() === table.key.join()),
  )
  const drawers = sets.map((set) => createDrawer(db, table, set))
  return {
    draw: (row, random, ahead = 0n) => {
      const cells = new Map<string, Value>()
      for (const drawer of drawers) {
        const drawn = drawer.draw(new Map([...row, ...cells]), random, ahead)
        if (drawn === null) return null
        for (const [name, value] of drawn) cells.set(name, value)
      }
      return cells
    },
    release: (cells) => {
      for (const drawer of drawers) drawer.release(cells)
    },
  }
}

interface Drawer {
  draw(
    row: ReadonlyMap<string, Value>,
    random: Random,
    ahead: bigint,
  ): ReadonlyMap<string, Value> | null
  release(cells: ReadonlyMap<string, Value>): void
}

function createDrawer(db: Database, table: FileTable, set: readonly string[]): Drawer {
  const isChild = (name: string): boolean =>
    table.parents.some(({ columns }) => columns.includes(name))
  const free = set.filter((name) => !isChild(name))
  const [column] = free
  return column === undefined ? combinationDrawer(db, table, set) : freshDrawer(db, table, column)
}

/** One column of the set gets a value that is nowhere in it. */
function freshDrawer(db: Database, table: FileTable, column: string): Drawer {
  const used = new Set(
    db
      .prepare<unknown[], Value[]>(
        `SELECT ${quote(column)} FROM ${quote(table.name)} WHERE ${quote(column)} IS NOT NULL LIMIT ${knownValues}`,
      )
      .raw()
      .all()
      .map(([value]) => folded(value ?? null)),
  )
  const highest = db
    .prepare<unknown[], Value[]>(
      `SELECT max(${quote(column)}) FROM ${quote(table.name)} 
        WHERE typeof(${quote(column)}) IN ('integer', 'real') AND abs(${quote(column)} / 2) < 2e18`,
    )
    .raw()
    .get()?.[0]
  let next = (typeof highest === 'bigint' ? highest : BigInt(Math.ceil(Number(highest ?? 0)))) + 1n
  return {
    draw: (row, random, ahead) => {
      const value = row.get(column) ?? null
      // SQL lets any number of rows hold NULL in a unique column, so a clone may hold it too.
      if (value === null) return table.key.includes(column) ? null : new Map()
      if (typeof value === 'bigint')
        return next + ahead < largestInteger ? new Map([[column, next++ + ahead]]) : null
      if (typeof value === 'number') return new Map([[column, Number(next++ + ahead) + 0.5]])
      if (value instanceof InvalidText) return null
      for (let attempt = 0; attempt < tries; attempt++) {
        const candidate = alike(value, random)
        if (used.has(folded(candidate))) continue
        used.add(folded(candidate))
        return new Map([[column, candidate]])
      }
      return null
    },
    release: () => {},
  }
}

/** Every column refers to a parent: another combination of parents that exist. */
function combinationDrawer(db: Database, table: FileTable, set: readonly string[]): Drawer {
  const pools = set.map((name) => {
    const parent = table.parents.find(({ columns }) => columns.includes(name))
    const column = parent?.parentColumns[parent.columns.indexOf(name)]
    if (parent === undefined || column === undefined) return []
    return db
      .prepare<unknown[], Value[]>(
        `SELECT ${quote(column)} FROM ${quote(parent.table)} WHERE ${quote(column)} IS NOT NULL LIMIT 10000`,
      )
      .raw()
      .all()
      .map(([value]) => value ?? null)
  })
  const select = set.map(quote).join(', ')
  const used = new Set(
    db
      .prepare<unknown[], Value[]>(
        `SELECT ${select} FROM ${quote(table.name)} LIMIT ${knownValues}`,
      )
      .raw()
      .all()
      .map(nameOf),
  )
  return {
    draw: (_row, random) => {
      if (pools.some((pool) => pool.length === 0)) return null
      for (let attempt = 0; attempt < tries; attempt++) {
        const values = pools.map((pool) => random.pick(pool))
        if (used.has(nameOf(values))) continue
        used.add(nameOf(values))
        return new Map(set.map((name, at) => [name, values[at] ?? null]))
      }
      return null
    },
    release: (cells) => {
      used.delete(nameOf(set.map((name) => cells.get(name) ?? null)))
    },
  }
}

function nameOf(values: readonly Value[]): string {
  return JSON.stringify(values.map(canonical))
}

/** Case is ignored, as an index may ignore it. */
function folded(value: Value): string {
  return canonical(typeof value === 'string' ? value.toLowerCase() : value)
}

/** Of the same length and form: letters for letters, digits for digits, so that a CHECK on a form holds. */
function alike(value: string | Buffer, random: Random): string | Buffer {
  if (Buffer.isBuffer(value)) return random.bytes(Math.max(8, value.length))
  if (value === '') return `x${random.integer(1, 1_000_000_000)}`
  if (/^[0-9a-f-]{12,}$/i.test(value)) {
    return value.replace(/[0-9a-f]/gi, () => random.integer(0, 15).toString(16))
  }
  return value.replace(/[a-z]|[0-9]/gi, (character) => {
    if (/[0-9]/.test(character)) return String(random.integer(0, 9))
    const letter = String.fromCodePoint(97 + random.integer(0, 25))
    return character === character.toLowerCase() ? letter : letter.toUpperCase()
  })
}
