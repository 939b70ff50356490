import type { DeleteStmt, InsertStmt, Stmt, UpdateStmt } from 'sqlite3-parser'
import type { Catalog } from '../catalog.ts'
import { hasUnknownRowids } from '../last-insert-rowid.ts'
import { cleanSql, parseStatements, sqliteError } from '../parser.ts'
import type { Translation, Translator } from '../translation.ts'
import { createEmitter } from './create-emitter.ts'
import { translateDelete } from './delete.ts'
import type { Emitter, Plan } from './emitter.ts'
import { translateInsert } from './insert.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { translateUpdate } from './update.ts'

export interface TranslatorOptions {
  /** Rows come in the order in which SQLite mostly reads them, as something is done for one after the other. */
  readonly sorted?: boolean
}

/** Good for one version of the catalog: make another one when it changes. */
export function createTranslator(catalog: Catalog, options: TranslatorOptions = {}): Translator {
  return {
    translate: (sql, classes, columns) =>
      translate(sql, createParameters(classes, columns), catalog, options),
  }
}

function translate(
  sql: string,
  parameters: Parameters,
  catalog: Catalog,
  options: TranslatorOptions,
): Translation {
  const text = cleanSql(sql)
  const [statement, second] = parseStatements(text)
  if (statement === undefined) {
    throw new RangeError('The supplied SQL string contains no statements')
  }
  if (second !== undefined) {
    throw new RangeError('The supplied SQL string contains more than one statement')
  }
  const plan = shallow(text, () =>
    planOf(statement, createEmitter(text, catalog, parameters), options),
  )
  const { kind, columns, hiddenColumns, order, ignoresConflicts } = plan
  const steps = plan.steps.map(({ sql, role }) => ({ ...parameters.finish(sql), role }))
  const assumptions = parameters.assumptions()
  const carriesOn = mayCarryOn(statement, catalog)
  const unknown = unknownRowid(statement, catalog)
  const translation = { kind, steps, columns, hiddenColumns, carriesOn, order, assumptions }
  return Object.freeze({
    ...translation,
    ...(unknown && { unknownRowid: unknown }),
    ...(ignoresConflicts && { ignoresConflicts }),
  })
}

/** `total_changes()` counts what triggers and the actions of foreign keys change as well. */
function mayCarryOn(statement: Stmt, catalog: Catalog): boolean {
  if (!['InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(statement.type)) return false
  const { tblName } = statement as InsertStmt | UpdateStmt | DeleteStmt
  const relation = catalog.relation(tblName.objName.text)
  const inserts = statement.type === 'InsertStmt' && statement.orConflict !== 'Replace'
  // A virtual table's module changes rows of its own tables.
  if (relation === undefined) return true
  return relation.hasTriggers || (relation.isReferenced && !inserts)
}

function unknownRowid(statement: Stmt, catalog: Catalog): string | undefined {
  if (statement.type !== 'InsertStmt') return undefined
  const relation = catalog.relation(statement.tblName.objName.text)
  return relation !== undefined && hasUnknownRowids(relation) ? relation.name : undefined
}

/** What nests so deep that the stack ends is refused as SQLite refuses it. */
function shallow<T>(sql: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw sqliteError(sql, 'Expression tree is too large (maximum depth 1000)', 0)
  }
}

function planOf(statement: Stmt, emitter: Emitter, options: TranslatorOptions): Plan {
  switch (statement.type) {
    case 'SelectStmt': {
      // Sorted rows are for another statement of PostgreSQL's, and not for the reader.
      const shown = options.sorted !== true
      const { sql, columns, order } = emitter.select(statement.body, null, { ...options, shown })
      const results = columns.map(({ result }) => result)
      const steps = [{ sql, role: 'result' as const }]
      return { kind: 'select', steps, columns: results, hiddenColumns: 0, order }
    }
    case 'InsertStmt':
      return translateInsert(statement, emitter)
    case 'UpdateStmt':
      return translateUpdate(statement, emitter)
    case 'DeleteStmt':
      return translateDelete(statement, emitter)
    default:
      throw emitter.unsupported(
        `The statement ${statement.type.replace(/Stmt$/, '')}`,
        statement.span.offset,
        'It is not one that reads or writes rows',
      )
  }
}
