import { yieldToEventLoop } from '../core/wait.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import type { PostgresType } from '../values/value.ts'
import { surveyTable, type TableSurvey } from './survey-table.ts'

export interface SurveySettings {
  readonly tables: readonly SourceTable[]
  readonly chosen: ReadonlyMap<string, PostgresType>
  readonly signal: AbortSignal | undefined
  /** The rows of one table that have been read. */
  readonly onRows: (table: string, rows: number) => void
}

/** Reads every table once, one after the other, in short read transactions; see `readSlices`. */
export async function surveyFile(
  db: Connection,
  { tables, chosen, signal, onRows }: SurveySettings,
): Promise<readonly TableSurvey[]> {
  const surveys: TableSurvey[] = []
  for (const table of tables) {
    onRows(table.name, 0)
    const pause = async (rows: number): Promise<void> => {
      onRows(table.name, rows)
      await yieldToEventLoop()
      signal?.throwIfAborted()
    }
    surveys.push(await surveyTable({ db, table, tables, chosen, pause }))
  }
  return surveys
}
