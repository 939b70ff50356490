import type { PostgresPlan, RunContext } from '../../src/postgres/statements.ts'
import { createPlans } from '../../src/route/plans.ts'
import type { PostgresChanges } from '../../src/route/schema-changes.ts'
import { createStatementSource, type StatementSource } from '../../src/route/statement-source.ts'
import { catalogOf } from '../../src/schema/catalog.ts'
import type { Table } from '../../src/schema/model.ts'
import { createConnectionState } from '../../src/sql/connection-functions.ts'
import type { Catalog } from '../../src/sql/catalog.ts'
import type { Translator } from '../../src/sql/translation.ts'
import { createPlainTranslator } from './plain-translator.ts'

export interface SourceSettings {
  readonly tables?: readonly Table[]
  readonly translator?: (catalog: Catalog) => Translator
  readonly safeIntegers?: boolean
}

let made = 0

/** A source of statements as the routing makes it, by default with the application's own text. */
export function sourceOf(settings: SourceSettings = {}): StatementSource {
  const { tables = [], translator = createPlainTranslator, safeIntegers = false } = settings
  const catalog = catalogOf({ version: 1, tables, foreignKeys: true })
  return createStatementSource({
    catalog,
    tables,
    translator: translator(catalog),
    views: new Map(),
    safeIntegers,
    nextName: () => `test_${made++}`,
    columnNames: () => [],
  })
}

export function planOf(sql: string, source: StatementSource = sourceOf()): PostgresPlan {
  return createPlans(() => source)
    .of(sql)
    .postgres()
}

/** What a run needs besides its plan; each call gives a new connection's state. */
export function runContext(settings: Partial<RunContext> = {}): RunContext {
  return {
    safeIntegers: false,
    toText: (value) => (Number.isInteger(value) ? `${value}.0` : String(value)),
    sqliteVersion: '3.53.2',
    state: createConnectionState(),
    inTransaction: false,
    ...settings,
  }
}

/** For an executor whose transactions change no schema. */
export function noChanges(): PostgresChanges {
  return {
    run: () => Promise.reject(new Error('The schema stays as it is here')),
    savepoint: () => undefined,
    prepare: async () => undefined,
    committed: async () => undefined,
    rolledBack: async () => undefined,
    source: () => undefined,
    ask: () => undefined,
  }
}
