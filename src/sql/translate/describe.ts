import type { Affinity } from '../../values/value.ts'
import type { Catalog } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import type { ResultColumn } from '../translation.ts'
import { createEmitter } from './create-emitter.ts'
import type { Collation } from './expression.ts'
import { createParameters } from './parameters.ts'

/** A column of a query as SQLite knows it: what decides over comparisons with it, and what is stored there. */
export interface DescribedColumn extends ResultColumn {
  readonly affinity: Affinity | 'none'
  readonly collation: Collation
}

/** The columns of a query without parameters. @throws LockstepError what translating it throws */
export function describeColumns(sql: string, catalog: Catalog): readonly DescribedColumn[] {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'SelectStmt') throw new TypeError('Only a query has columns')
  const emitter = createEmitter(sql, catalog, createParameters([]))
  return emitter.select(statement.body, null).columns.map(({ expression, result }) => ({
    ...result,
    affinity: expression.affinity,
    collation: expression.collation,
  }))
}
