import { oncePerTurn } from '../core/wait.ts'
import type { Engine } from '../engine/engine.ts'
import { createStatementSource, type StatementSource } from '../route/statement-source.ts'
import { catalogOf, type CatalogSource } from '../schema/catalog.ts'
import type { Table } from '../schema/model.ts'
import { createTranslator } from '../sql/translate/translator.ts'
import { readVirtualTables, virtualTableTexts } from '../sql/virtual-tables.ts'
import { columnNames } from '../sqlite/column-names.ts'
import type { Connection } from '../sqlite/connection.ts'
import { readSchemaFacts } from '../sqlite/schema-facts.ts'
import { applicationViews } from '../sqlite/views.ts'

/** Translators, one for each version of the schema. */
export interface Sources {
  /** For the schema as it is; looks first, once in a turn of the event loop, whether another process has changed it. */
  current(): StatementSource
  /** For the schema as one transaction has made it. */
  forTables(tables: readonly Table[], db: Connection): StatementSource
  refresh(): void
}

export function createSources(engine: Engine, onChange: () => void): Sources {
  let made = 0
  let current:
    | { readonly sources: Map<boolean, StatementSource>; readonly version: number }
    | undefined
  const enforced = engine.file.reader.prepare('PRAGMA foreign_keys').pluck()
  // The writer's are off while Lockstep itself changes the schema.
  const keysAreOff = (): boolean => enforced.get() === 0
  const nextName = (): string => `lockstep_s${made++}`
  const create = (tables: readonly Table[], version: number, db: Connection): StatementSource =>
    statementSourceOf(db, {
      version,
      tables,
      foreignKeys: engine.installed && engine.control().foreignKeys,
      foreignKeysOff: engine.installed && engine.control().foreignKeys && keysAreOff(),
      safeIntegers: engine.options.sqlite.safeIntegers,
      nextName,
    })
  const look = oncePerTurn(() => {
    const isOutdated = engine.outdated
    if (isOutdated) engine.reload()
    // Others reload the tables as well, and know nothing of what was made of them.
    if (isOutdated || (current !== undefined && current.version !== engine.version)) onChange()
  })
  return {
    current() {
      look()
      current ??= { sources: new Map(), version: engine.version }
      const off = keysAreOff()
      let source = current.sources.get(off)
      if (source === undefined)
        current.sources.set(
          off,
          (source = create(engine.tables, current.version, engine.file.reader)),
        )
      return source
    },
    forTables: (tables, db) => create(tables, -1, db),
    refresh() {
      current = undefined
    },
  }
}

export interface SchemaSettings extends Omit<CatalogSource, 'views' | 'virtualTables' | 'facts'> {
  readonly safeIntegers: boolean
  /** Gives a name for a prepared statement that was never given before in this process. */
  readonly nextName: () => string
}

/** The application's statements for one schema; views, virtual tables and the names of columns come from the file. */
export function statementSourceOf(
  db: Connection,
  { safeIntegers, nextName, ...schema }: SchemaSettings,
): StatementSource {
  const virtualTables = readVirtualTables(db.prepare(virtualTableTexts).pluck().all() as string[])
  const catalog = catalogOf({ ...schema, virtualTables, facts: readSchemaFacts(db) })
  return createStatementSource({
    catalog,
    tables: schema.tables,
    foreignKeysOff: schema.foreignKeysOff ?? false,
    translator: createTranslator(catalog),
    views: applicationViews(db),
    safeIntegers,
    nextName,
    columnNames: (sql) => columnNames(db, sql),
  })
}
