import type { Stmt } from 'sqlite3-parser'
import { isLockstepError } from '../core/errors.ts'
import type { VirtualTable } from './catalog.ts'
import { parseStatements } from './parser.ts'
import { foldName } from './quote.ts'

/** The text of each virtual table of a file, in `pluck` form: what `readVirtualTables` takes. */
export const virtualTableTexts =
  "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"

/**
 * Virtual tables, by their folded names. They are on SQLite alone.
 * @param texts as `sqlite_schema` has them
 */
export function readVirtualTables(texts: readonly string[]): ReadonlyMap<string, VirtualTable> {
  return new Map(
    texts.flatMap((sql) => {
      const statement = parsed(sql)
      if (statement?.type !== 'CreateVirtualTableStmt') return []
      const { tblName, moduleName, args = [] } = statement
      const table = { module: foldName(moduleName.text), isContentless: args.some(isNoContent) }
      return [[foldName(tblName.objName.text), table]]
    }),
  )
}

/** https://www.sqlite.org/fts5.html#contentless_tables */
function isNoContent(argument: string): boolean {
  return /^\s*content\s*=\s*(?:''|""|``|\[\])?\s*$/i.test(argument)
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
