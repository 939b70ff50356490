import type { RepairReport, VerifyReport } from '../api.ts'
import type { Table } from '../schema/model.ts'
import { parseKeyText } from '../values/key-text.ts'
import type { KeyValues } from '../values/value.ts'
import { mend, type MendContext } from './mend.ts'
import { repair, type RepairContext } from './repair.ts'

/** What a verify has to say of the tables that are not right. */
export type Verified = Pick<VerifyReport, 'tables' | 'differences' | 'problems'>

/**
 * Repairs everything that a verify found: ships the rows of the differences again, whichever side lacks them, or all of a
 * table where the report does not list them all; and mends the problems.
 */
export async function repairFound(
  contexts: { readonly repair: RepairContext; readonly mend: MendContext },
  tables: readonly Table[],
  found: Verified,
): Promise<RepairReport> {
  let rows = 0
  const kept: string[] = []
  const named = (name: string): boolean => tables.some((table) => table.name === name)
  for (const verified of found.tables.filter(({ table, equal }) => !equal && named(table))) {
    const table = tables.find(({ name }) => name === verified.table) as Table
    const keys = keysOf(found, verified)
    const repaired = await repair(contexts.repair, table, keys)
    rows += repaired.rows
    kept.push(...(repaired.kept ?? []))
  }
  const wrong = tables.filter(({ name }) => found.problems.some(({ table }) => table === name))
  const shipped = { rows, unknown: [], ...(kept.length === 0 ? {} : { kept }) }
  if (wrong.length === 0) return { ...shipped, mended: [], problems: [] }
  const problems = await mend(contexts.mend, wrong, found.problems)
  const left = new Set(problems.map(({ kind, table }) => `${kind} ${table}`))
  const mended = found.problems.filter(({ kind, table }) => !left.has(`${kind} ${table}`))
  return { ...shipped, mended, problems }
}

/** Undefined, for all of the table, where the differences are not all listed, or not all in the form of a key. */
function keysOf(
  { differences }: Verified,
  { table, missing, extra, different }: VerifyReport['tables'][number],
): KeyValues[] | undefined {
  const texts = new Map<string, Set<string>>()
  for (const { key, class: kind } of differences.filter((each) => each.table === table)) {
    const group = kind === 'missing' || kind === 'extra' ? kind : 'different'
    texts.set(group, (texts.get(group) ?? new Set()).add(key))
  }
  const counted = { missing, extra, different }
  const isWhole = Object.entries(counted).every(
    ([group, count]) => (texts.get(group)?.size ?? 0) >= count,
  )
  const keys = [...new Set([...texts.values()].flatMap((group) => [...group]))].map(parseKeyText)
  return isWhole ? whole(keys) : undefined
}

function whole(keys: readonly (KeyValues | undefined)[]): KeyValues[] | undefined {
  const there = keys.filter((key) => key !== undefined)
  return there.length === keys.length ? there : undefined
}
