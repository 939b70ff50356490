import { canonical } from './canonical.ts'
import type { Cells, Expectation } from './ledger.ts'
import type { Value } from '../values/value.ts'

/** What a direct look at one place found. */
export interface LedgerCheck {
  /** Rows that the application was told about. */
  checked: number
  /** Acknowledged and not there. */
  lost: number
  /** There more than once. */
  doubled: number
  /** There, with values of an earlier or another version. */
  stale: number
  /** Acknowledged as deleted and still there. */
  undead: number
  /** Up to ten of them, for a reader: table and key. */
  examples: string[]
}

/** Reads the rows of one table that match keys: each answer has the key's columns and the columns asked for. */
export type ReadRows = (
  table: string,
  keyColumns: readonly string[],
  columns: readonly string[],
  keys: readonly (readonly Value[])[],
) => Promise<Value[][]>

const keysPerRead = 1_000
const maxExamples = 10

/** Compares every expectation with what `read` finds. Pure but for `read`, so that tests can lie to it. */
export async function checkLedger(
  expectations: readonly Expectation[],
  read: ReadRows,
): Promise<LedgerCheck> {
  const check: LedgerCheck = { checked: 0, lost: 0, doubled: 0, stale: 0, undead: 0, examples: [] }
  for (const group of groups(expectations)) {
    for (let from = 0; from < group.length; from += keysPerRead) {
      await checkSome(group.slice(from, from + keysPerRead), read, check)
    }
  }
  return check
}

/** Expectations that one statement can look up: same table, same columns in the key. */
function groups(expectations: readonly Expectation[]): Expectation[][] {
  const byShape = new Map<string, Expectation[]>()
  for (const expectation of expectations) {
    const shape = JSON.stringify([expectation.table, Object.keys(expectation.key)])
    const group = byShape.get(shape)
    if (group === undefined) byShape.set(shape, [expectation])
    else group.push(expectation)
  }
  return [...byShape.values()]
}

async function checkSome(
  expectations: readonly Expectation[],
  read: ReadRows,
  check: LedgerCheck,
): Promise<void> {
  const first = expectations[0]
  if (first === undefined) return
  const keyColumns = Object.keys(first.key)
  const wanted = expectations.flatMap(({ row, others }) => [row, ...others])
  const columns = [...new Set(wanted.flatMap((row) => Object.keys(row ?? {})))]
  const keys = expectations.map(({ key }) => Object.values(key))
  const found = new Map<string, Value[][]>()
  for (const row of await read(first.table, keyColumns, columns, keys)) {
    const name = lookupName(row.slice(0, keyColumns.length))
    const rows = found.get(name)
    if (rows === undefined) found.set(name, [row.slice(keyColumns.length)])
    else rows.push(row.slice(keyColumns.length))
  }
  for (const expectation of expectations) {
    const rows = found.get(lookupName(Object.values(expectation.key))) ?? []
    check.checked++
    const fault = faultOf(expectation, columns, rows)
    if (fault === null) continue
    check[fault]++
    if (check.examples.length < maxExamples) {
      check.examples.push(`${fault}: ${describe(expectation)}`)
    }
  }
}

type Fault = 'lost' | 'doubled' | 'stale' | 'undead'

function faultOf(
  { row, others }: Expectation,
  columns: readonly string[],
  found: readonly Value[][],
): Fault | null {
  if (found.length > 1) return 'doubled'
  const [only] = found
  const allowed = [row, ...others]
  if (allowed.some((state) => matches(state, columns, only))) return null
  if (only === undefined) return 'lost'
  return row === null ? 'undead' : 'stale'
}

function matches(
  state: Cells | null,
  columns: readonly string[],
  found: readonly Value[] | undefined,
): boolean {
  if (state === null || found === undefined) return (state === null) === (found === undefined)
  return columns.every((column, at) => {
    // A column may have the name of something that every object inherits.
    if (!Object.hasOwn(state, column)) return true
    return canonical(state[column] ?? null) === canonical(found[at] ?? null)
  })
}

function lookupName(values: readonly Value[]): string {
  return JSON.stringify(values.map(canonical))
}

function describe({ table, key }: Expectation): string {
  const parts = Object.entries(key).map(
    ([name, value]) =>
      `${name} ${Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : String(value)}`,
  )
  return `${table} (${parts.join(', ')})`
}
