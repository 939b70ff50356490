import { LockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { Table } from '../schema/model.ts'
import type { Connection } from '../sqlite/connection.ts'
import { controlReader, isInstalled, type ControlRow } from '../sqlite/control.ts'
import { installedTables } from '../sqlite/install.ts'

/** What the SQLite file says of Lockstep, as this process has read it last. */
export class Installation {
  readonly #reader: Connection
  #control: (() => ControlRow) | undefined
  #tables: readonly Table[] = []
  #installed = false
  #version = -1
  #primary: PlaceName = 'sqlite'
  #isGone = false

  constructor(reader: Connection) {
    this.#reader = reader
    this.reload()
  }

  get installed(): boolean {
    return this.#installed
  }

  get tables(): readonly Table[] {
    return this.#tables
  }

  /** The schema's version of the last install. */
  get version(): number {
    return this.#version
  }

  /** Only where it is installed. */
  control(): ControlRow {
    this.#control ??= controlReader(this.#reader)
    const row = this.#control()
    this.#primary = row.primary
    return row
  }

  /** Null where Lockstep is not installed, or was taken out a moment ago. */
  findControl(): ControlRow | null {
    try {
      return this.#installed ? this.control() : null
    } catch {
      return null
    }
  }

  /**
   * Reads again what an install or an uninstall, of this process or another, has changed.
   * @throws LockstepError PRIMARY_REWOUND where neither has, as another file lies there now
   */
  reload(): void {
    this.#isGone = this.#installed && isEmptied(this.#reader, this.#tables)
    if (this.#isGone) throw emptied(this.#reader.name)
    this.#installed = isInstalled(this.#reader)
    this.#tables = this.#installed ? installedTables(this.#reader) : []
    this.#version = this.#installed ? this.control().schemaVersion : -1
  }

  /** Another process has installed, or taken Lockstep out, since this one has read the tables. */
  get outdated(): boolean {
    return this.#installed
      ? this.findControl()?.schemaVersion !== this.#version
      : isInstalled(this.#reader)
  }

  /** @throws LockstepError NOT_INSTALLED */
  require(): void {
    if (this.#installed) return
    throw new LockstepError(
      'NOT_INSTALLED',
      'Lockstep is not installed on this SQLite file: run `lockstep install` (db.install()) first',
    )
  }

  /**
   * Without Lockstep the file takes writes again, fence or none. It is the application's database then, but for a
   * process that knows that PostgreSQL was the primary to the end: its rows are old ones.
   * @throws LockstepError NOT_INSTALLED, PRIMARY_REWOUND
   */
  refuseOrphan(): void {
    // Until it is put back.
    if (this.#isGone) this.reload()
    if (this.#installed || this.#primary === 'sqlite') return
    throw new LockstepError(
      'NOT_INSTALLED',
      'Lockstep was taken out while PostgreSQL was the primary, so the SQLite file has not the data of today: nothing ' +
        'was run. Restart the application with the client that it goes on with',
    )
  }
}

/** An uninstall leaves the application's tables. */
function isEmptied(db: Connection, tables: readonly Table[]): boolean {
  if (tables.length === 0 || isInstalled(db)) return false
  const there = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`)
  return !tables.some(({ name }) => there.get(name) !== undefined)
}

function emptied(path: string): LockstepError {
  return new LockstepError(
    'PRIMARY_REWOUND',
    `The SQLite file ${path} was emptied, or another one was put in its place: it has neither Lockstep nor any of the application's ` +
      'tables. Nothing was run: put the file of today back, or a backup (docs/what-if.md, "A backup must be put back")',
    { details: { path } },
  )
}
