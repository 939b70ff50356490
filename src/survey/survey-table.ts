import type { TableProfile } from '../schema/profile.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { columnPath } from '../schema/overrides.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import { exactValue, suspicionOf, type Suspicion } from '../sqlite/exact-text.ts'
import { boundValues, parameter } from '../sqlite/rows.ts'
import type { PostgresType, Value } from '../values/value.ts'
import { candidatesFor } from './candidates.ts'
import {
  duplicateProbes,
  orphanProbes,
  type DuplicateProbe,
  type OrphanProbe,
  type Probe,
} from './probes.ts'
import { maxFields, readSlices } from './read-slices.ts'
import { rowOrder } from '../schema/row-order.ts'
import { nameRow, type RowAtHand } from '../schema/sample.ts'
import { ColumnTally } from './tally.ts'

/** What the rows of one table say. */
export interface TableSurvey {
  readonly table: SourceTable
  readonly rows: number
  /** In the order of its columns. */
  readonly columns: readonly ColumnTally[]
  readonly orphans: readonly OrphanProbe[]
  readonly duplicates: readonly DuplicateProbe[]
  readonly profile: TableProfile
}

export interface TableToSurvey {
  readonly db: Connection
  readonly table: SourceTable
  /** All of the file: foreign keys lead to them. */
  readonly tables: readonly SourceTable[]
  /** Types that a configuration or an earlier install has chosen, by `columnPath`. */
  readonly chosen: ReadonlyMap<string, PostgresType>
  /** Between slices, with the rows that have been read. */
  readonly pause: (rows: number) => Promise<void>
}

interface Field {
  readonly sql: string
  take(value: Value, row: RowAtHand): void
}

/**
 * Reads every row once, or once for each thousand columns, and looks at every value of it: classes, ranges, formats,
 * what PostgreSQL cannot take, and which types carry all of it.
 */
export async function surveyTable(surveyed: TableToSurvey): Promise<TableSurvey> {
  const { db, table, tables, chosen, pause } = surveyed
  const columns = table.columns.map((column) => {
    const type = chosen.get(columnPath(table.name, column.name))
    const inIndex = table.indexes.some(({ parts }) =>
      parts.some((part) => part.column === column.name),
    )
    const inKey = table.key.columns.includes(column.name)
    return new ColumnTally(column, candidatesFor(column, table, type), { inKey, inIndex })
  })
  const orphans = orphanProbes(db, table, tables)
  const order = rowOrder(table)
  const duplicates = order === null ? [] : duplicateProbes(table, order)
  const fields = [...columns.map(columnField), ...[...orphans, ...duplicates].map(probeField)]
  let rows = 0
  for (let start = 0; start < fields.length; start += maxFields) {
    const part = fields.slice(start, start + maxFields)
    const row = new Row(db, table)
    rows = 0
    await readSlices({
      db,
      table,
      fields: part.map(({ sql }) => sql),
      onRow(values, order, key) {
        rows += 1
        row.move(order, key)
        for (let index = 0; index < part.length; index += 1)
          part[index]?.take(values[index] as Value, row)
      },
      pause: () => pause(rows),
    })
  }
  const profile = { table: table.name, rows, columns: columns.map((tally) => tally.profile) }
  return { table, rows, columns, orphans, duplicates, profile }
}

/** Of a blob the digits of its length come: SQLite knows it without reading the blob. */
function columnField(tally: ColumnTally): Field {
  const name = `child.${quote(tally.column.name)}`
  return {
    sql: `CASE typeof(${name}) WHEN 'blob' THEN CAST(length(${name}) AS BLOB) ELSE ${name} END`,
    take: (value, row) => tally.take(value, row),
  }
}

function probeField({ sql, found }: Probe): Field {
  return {
    sql,
    take(value, row) {
      if (value === 1n) found.add(row)
    },
  }
}

/** One for all rows of a table, moved from row to row. */
class Row implements RowAtHand {
  readonly #db: Connection
  readonly #table: SourceTable
  readonly #isSuspect: Suspicion
  #order: readonly Value[] = []
  #key: readonly Value[] = []

  constructor(db: Connection, table: SourceTable) {
    this.#db = db
    this.#table = table
    this.#isSuspect = suspicionOf(db)
  }

  move(order: readonly Value[], key: readonly Value[]): void {
    this.#order = order
    this.#key = key
  }

  key(): string {
    return nameRow(this.#key, this.#order[0] ?? null)
  }

  isInvalid(column: string, text: string): boolean {
    if (!this.#isSuspect(text)) return false
    const order = rowOrder(this.#table)
    const names = order ?? this.#table.key.columns
    const values = order === null ? this.#key : this.#order
    // As BINARY, as two keys may be equal under the column's collation, and also by that, for the index.
    const same = names.flatMap((name, index) => {
      const is = `IS ${parameter(values[index])}`
      return [`${quote(name)} ${is}`, `${quote(name)} COLLATE BINARY ${is}`]
    })
    const stored = this.#db
      .prepare(
        `SELECT CAST(${quote(column)} AS BLOB) FROM main.${quote(this.#table.name)} WHERE ${same.join(' AND ')}`,
      )
      .pluck()
      .get(...boundValues(values).flatMap((value) => [value, value])) as Buffer | undefined
    return stored === undefined || exactValue(text, stored) !== text
  }
}
