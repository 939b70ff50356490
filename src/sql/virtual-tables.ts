import type { Stmt } from 'sqlite3-parser'
import { isLockstepError } from '../core/errors.ts'
import { parseStatements } from './parser.ts'
import { foldName } from './quote.ts'

/** The text of each virtual table of a file, in `pluck` form: what `virtualModules` takes. */
export const virtualTableTexts =
  "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"

/**
 * The modules of virtual tables (fts5, rtree), by the folded name of the table. They are on SQLite alone.
 * @param texts as `sqlite_schema` has them
 */
export function virtualModules(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.flatMap((sql) => {
      const statement = parsed(sql)
      if (statement?.type !== 'CreateVirtualTableStmt') return []
      return [[foldName(statement.tblName.objName.text), foldName(statement.moduleName.text)]]
    }),
  )
}

/** A module reads its arguments by rules of its own, so that not every text can be read here. */
function parsed(sql: string): Stmt | undefined {
  try {
    return parseStatements(sql)[0]
  } catch (error) {
    if (isLockstepError(error)) return undefined
    throw error
  }
}
