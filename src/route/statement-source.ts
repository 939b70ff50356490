import type { BoundTranslation } from '../postgres/statements.ts'
import { prepareTranslation, type PreparedTranslation } from '../postgres/prepared-translation.ts'
import type { Table } from '../schema/model.ts'
import { violationsOf } from '../schema/violations.ts'
import { bindValues } from '../sql/bind.ts'
import type { Catalog } from '../sql/catalog.ts'
import type { ConnectionCalls, ConnectionFacts } from '../sql/connection-functions.ts'
import type { Override } from '../sql/overrides/override.ts'
import type { Statement } from '../sql/statement.ts'
import type { Translator } from '../sql/translation.ts'
import { createTranslations, maxTranslations } from '../sql/translations.ts'
import { translatingViews } from '../sql/view-writes.ts'
import type { View } from '../sql/views.ts'
import { createOverridden, type Overridden } from './overridden.ts'

/** The application's statements as PostgreSQL runs them, for one version of the catalog. */
export interface StatementSource {
  readonly catalog: Catalog
  /** @throws what is wrong with the arguments; then what the translator throws */
  bind(
    statement: Statement,
    calls: ConnectionCalls | null,
    args: readonly unknown[],
    facts: ConnectionFacts,
  ): BoundTranslation
  /** The same statement in the form that an operator wrote for it. */
  overridden(statement: Statement, override: Override): Overridden
}

export interface StatementSourceOptions {
  readonly catalog: Catalog
  /** The tables of the catalog, for the words of violated constraints. */
  readonly tables: readonly Table[]
  /** Foreign keys are enforced, and the application has switched them off on its connection. */
  readonly foreignKeysOff?: boolean
  readonly translator: Translator
  /** By folded name. */
  readonly views: ReadonlyMap<string, View>
  readonly safeIntegers: boolean
  /** Gives a name for a prepared statement that was never given before in this process. */
  readonly nextName: () => string
  /** The names that SQLite gives to a statement's columns; none for one that returns no rows. */
  readonly columnNames: (sql: string) => readonly string[]
}

export function createStatementSource(options: StatementSourceOptions): StatementSource {
  const { catalog, tables } = options
  const translator = translatingViews(options.translator, options)
  const describe = violationsOf(tables, options)
  const translations = createTranslations<PreparedTranslation>(translator, (translation) =>
    prepareTranslation(translation, options),
  )
  /** Prepared translations whose columns have the application's own names again, by whose names these are. */
  const renamed = new WeakMap<ConnectionCalls, WeakMap<PreparedTranslation, PreparedTranslation>>()
  const overridden = new Map<string, Overridden>()

  function rename(prepared: PreparedTranslation, calls: ConnectionCalls): PreparedTranslation {
    let own = renamed.get(calls)
    if (own === undefined) renamed.set(calls, (own = new WeakMap()))
    const known = own.get(prepared)
    if (known !== undefined) return known
    const columns = calls.rename(prepared.translation.columns)
    const names = columns.slice(0, prepared.names.length).map(({ name }) => name)
    const result = { ...prepared, names }
    own.set(prepared, result)
    return result
  }

  return {
    catalog,
    bind(statement, calls, args, facts) {
      const own = bindValues(statement, args)
      if (calls === null) {
        return { prepared: translations.of(statement.sql, own), values: own, describe }
      }
      const values = [...own]
      values.length = calls.first
      values.push(...calls.values(facts))
      const prepared = rename(translations.of(calls.sql, values), calls)
      return { prepared, values, describe }
    },
    overridden(statement, override) {
      const known = overridden.get(statement.sql)
      if (known !== undefined) return known
      const made = createOverridden(statement, override, { ...options, describe })
      if (overridden.size >= maxTranslations)
        overridden.delete(overridden.keys().next().value as string)
      overridden.set(statement.sql, made)
      return made
    },
  }
}
