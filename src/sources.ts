import type { Engine } from './engine.ts'
import { createStatementSource, type StatementSource } from './route/statement-source.ts'
import { catalogOf } from './schema/catalog.ts'
import type { Table } from './schema/model.ts'
import { createPlainTranslator } from './sql/plain-translator.ts'

/** Translators, one for each version of the schema. */
export interface Sources {
  /** For the schema as it is; looks first whether another process has changed it. */
  current(): StatementSource
  /** For the schema as one transaction has made it. */
  forTables(tables: readonly Table[]): StatementSource
  refresh(): void
}

export function createSources(engine: Engine, onChange: () => void): Sources {
  let made = 0
  let current: StatementSource | undefined
  const nextName = (): string => `lockstep_s${made++}`
  const create = (tables: readonly Table[], version: number): StatementSource => {
    const foreignKeys = engine.installed && engine.control().foreignKeys
    const catalog = catalogOf({ version, tables, foreignKeys })
    return createStatementSource({
      catalog,
      tables,
      translator: createPlainTranslator(catalog),
      safeIntegers: engine.options.sqlite.safeIntegers,
      nextName,
    })
  }
  return {
    current() {
      if (engine.outdated) {
        engine.reload()
        onChange()
      }
      current ??= create(engine.tables, engine.installed ? engine.control().schemaVersion : 0)
      return current
    },
    forTables: (tables) => create(tables, -1),
    refresh() {
      current = undefined
    },
  }
}
