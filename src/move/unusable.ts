import { isLockstepError, type LockstepError } from '../core/errors.ts'
import { catalogOf } from '../schema/catalog.ts'
import type { Table } from '../schema/model.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import { describeColumns } from '../sql/translate/describe.ts'
import { createTranslator } from '../sql/translate/translator.ts'
import { withViews } from '../sql/views.ts'
import type { SchemaToCarry, Uncarried } from './uncarried.ts'

/**
 * What PostgreSQL has and no statement through Lockstep could use there: a table that takes no row (a CHECK without a
 * form, a constraint with an ON CONFLICT clause), a view that cannot be read.
 */
export function unusable({ tables, views, foreignKeys }: SchemaToCarry): Uncarried[] {
  const catalog = catalogOf({ version: 0, tables, foreignKeys })
  const translator = createTranslator(catalog)
  const closed = tables.flatMap((table) => {
    // Values that are written down meet other rules than those of a query, and one way in is enough.
    const refusals = insertsOf(table).map((sql) =>
      refusalOf(() => void translator.translate(sql, [])),
    )
    const [refusal] = refusals
    if (refusal === undefined || refusals.includes(undefined)) return []
    return [partOf('table', String(table.id), table.name, 'It takes no row', refusal)]
  })
  const hidden = [...views.values()].flatMap(({ name }) => {
    const read = withViews(`SELECT * FROM ${quote(name)}`, [name], views)
    const refusal = refusalOf(() => void describeColumns(read, catalog))
    return refusal === undefined
      ? []
      : [partOf('view', foldName(name), name, 'It cannot be read', refusal)]
  })
  return [...closed, ...hidden]
}

function insertsOf({ name, columns }: Table): readonly string[] {
  const written = columns.filter(({ generated }) => !generated).map((column) => quote(column.name))
  const into = `INSERT INTO ${quote(name)} (${written.join(', ')})`
  return [
    `${into} SELECT ${written.join(', ')} FROM ${quote(name)}`,
    `${into} VALUES (${written.map(() => '?').join(', ')})`,
  ]
}

/** Wrong SQL, as a table that is not there yet, is no matter of PostgreSQL's. */
function refusalOf(translate: () => void): LockstepError | undefined {
  try {
    translate()
    return undefined
  } catch (error) {
    if (isLockstepError(error, 'SQL_UNSUPPORTED')) return error
    if (isLockstepError(error)) return undefined
    throw error
  }
}

function partOf(
  kind: 'table' | 'view',
  id: string,
  name: string,
  effect: string,
  { message, details }: LockstepError,
): Uncarried {
  const { construct } = details
  const cause = typeof construct === 'string' ? construct : message
  return { kind, id, table: name, name, reason: () => `${effect}: ${cause}` }
}
