import type { Reach } from '../core/pause-points.ts'
import type { Shipper } from '../mirror/shipper.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { Table } from '../schema/model.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

/** What a flip and its recovery work with. */
export interface CutoverContext {
  readonly server: PostgresServer
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly shipper: Shipper
  readonly tables: () => readonly Table[]
  /** Whether the application had foreign keys enforced on SQLite. */
  readonly foreignKeys: boolean
  readonly reach: Reach
  /** The view of the control record has changed: writers that wait may look. */
  readonly changed: () => void
}
