import { quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { installedTables } from '../../src/sqlite/install.ts'
import type { Pair } from '../support/pair.ts'

/** Every value of every mirrored table of the file, in the order of the keys. */
export function everyRow(pair: Pair): Record<string, unknown[][]> {
  return Object.fromEntries(
    installedTables(pair.sqlite).map(({ name, key }) => {
      const order = key.columns.map(quote).join(', ')
      return [name, pair.sqliteRows(`SELECT * FROM ${quote(name)} ORDER BY ${order}`)]
    }),
  )
}
