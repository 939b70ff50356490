import type { Extent } from './change.ts'
import type { DdlStatement } from './ddl.ts'
import type { Finding, Table } from './model.ts'
import { quoteQualified } from './quote.ts'

/** Something that Lockstep does not take away or make by itself, as rows could be lost by it. */
export interface SyncObstacle {
  readonly table: string
  /** Null where it is about the whole table. */
  readonly column: string | null
  /** What it is, and the way out. */
  readonly message: string
}

export interface SyncSettings {
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  /** SQLite is the primary: what is lost on PostgreSQL is shipped again. */
  readonly isCopy: boolean
  readonly extent: Extent
}

/** What brings one table of PostgreSQL to the model, gathered by those who look at its parts. */
export class SyncPlan {
  readonly statements: DdlStatement[] = []
  readonly obstacles: SyncObstacle[] = []
  readonly findings: Finding[] = []
  /** Every row has to be shipped again. */
  ships = false
  readonly table: Table
  readonly settings: SyncSettings

  constructor(table: Table, settings: SyncSettings) {
    this.table = table
    this.settings = settings
  }

  /** @param mayFail where PostgreSQL's rows may not allow it yet */
  run(object: string, sql: string, mayFail = false): void {
    this.statements.push({ sql, table: this.table.name, object, mayFail })
  }

  refuse(column: string | null, message: string): void {
    this.obstacles.push({ table: this.table.name, column, message })
  }

  /** What a change of the table begins with. */
  get alterTable(): string {
    return `ALTER TABLE ${quoteQualified(this.settings.schema, this.table.name)}`
  }

  get isCopy(): boolean {
    return this.settings.isCopy
  }
}
