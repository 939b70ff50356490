import type { SqlReport } from '../assess/sql-report.ts'
import type { Finding } from '../schema/model.ts'
import type { CopyEstimate } from '../survey/estimate.ts'
import type { FileFacts } from '../survey/file-facts.ts'
import type { SchemaObjects } from '../survey/schema-objects.ts'
import type { Suggestion } from '../survey/suggest.ts'
import type { ColumnReport, TableReport } from '../survey/table-report.ts'

export interface AssessOptions {
  /** SQL files, and folders of SQL files and programs in JavaScript and TypeScript. */
  sql?: readonly string[]
  onProgress?: (progress: AssessProgress) => void
  signal?: AbortSignal
}
export interface AssessProgress {
  /** `rows` counts tables, and the rows of the one that is read. */
  phase: 'rows' | 'files' | 'statements'
  done: number
  all: number
  file: string | null
  table: string | null
  rows: number
}
export interface AssessReport {
  /** Nothing is refused, and nothing needs a decision. */
  ok: boolean
  file: FileFacts
  tables: TableReport[]
  /** What the schema has besides tables. */
  objects: SchemaObjects
  findings: Finding[]
  /** Types of PostgreSQL's own that every value of a column was seen to come back from. */
  suggestions: Suggestion[]
  /** The group `columns` of a configuration in YAML, with all suggestions; empty where there are none. */
  configuration: string
  estimate: CopyEstimate
  readiness: ReadinessCheck[]
  /** Null where no SQL was given. */
  sql: SqlReport | null
}
export interface ReadinessCheck {
  name: string
  /** Null where it could not be asked. */
  ok: boolean | null
  detail: string
}
export type {
  ColumnReport,
  CopyEstimate,
  FileFacts,
  SchemaObjects,
  SqlReport,
  Suggestion,
  TableReport,
}
