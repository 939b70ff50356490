import type { BoundTranslation } from '../postgres/statements.ts'
import { prepareTranslation, type PreparedTranslation } from '../postgres/prepared-translation.ts'
import type { Table } from '../schema/model.ts'
import { violationsOf } from '../schema/violations.ts'
import { bindValues } from '../sql/bind.ts'
import type { Catalog } from '../sql/catalog.ts'
import type { ConnectionCalls, ConnectionFacts } from '../sql/connection-functions.ts'
import { analyze, type Statement } from '../sql/statement.ts'
import type { Translator } from '../sql/translation.ts'
import { createTranslations } from '../sql/translations.ts'
import { withViews, type View } from '../sql/views.ts'

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
}

export interface StatementSourceOptions {
  readonly catalog: Catalog
  /** The tables of the catalog, for the words of violated constraints. */
  readonly tables: readonly Table[]
  readonly translator: Translator
  /** By folded name. */
  readonly views: ReadonlyMap<string, View>
  readonly safeIntegers: boolean
  /** Gives a name for a prepared statement that was never given before in this process. */
  readonly nextName: () => string
}

/** PostgreSQL has no views of the application's: a statement brings along those that it reads. */
function readingViews({ translator, views }: StatementSourceOptions): Translator {
  if (views.size === 0) return translator
  return {
    translate: (sql, classes) =>
      translator.translate(withViews(sql, analyze(sql).tables, views), classes),
  }
}

export function createStatementSource(options: StatementSourceOptions): StatementSource {
  const { catalog, tables } = options
  const translator = readingViews(options)
  const describe = violationsOf(tables)
  const translations = createTranslations<PreparedTranslation>(translator, (translation) =>
    prepareTranslation(translation, catalog, options),
  )
  /** Prepared translations whose columns have the application's own names again. */
  const renamed = new WeakMap<PreparedTranslation, PreparedTranslation>()

  function rename(prepared: PreparedTranslation, calls: ConnectionCalls): PreparedTranslation {
    const known = renamed.get(prepared)
    if (known !== undefined) return known
    const columns = calls.rename(prepared.translation.columns)
    const names = columns.slice(0, prepared.names.length).map(({ name }) => name)
    const result = { ...prepared, names }
    renamed.set(prepared, result)
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
  }
}
