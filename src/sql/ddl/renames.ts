import { parseStatements } from '../parser.ts'

/** What a statement of the application gives another name: a schema that is read again does not tell. */
export interface Rename {
  readonly table: string
  /** Null where the table itself is renamed. */
  readonly column: string | null
  readonly to: string
}

/** The renaming that an ALTER TABLE does, or null. Names are as in the text: compare them folded. */
export function renameOf(sql: string): Rename | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'AlterTableStmt') return null
  const table = statement.tblName.objName.text
  const { body } = statement
  if (body.type === 'RenameToAlterTableBody') return { table, column: null, to: body.name.text }
  if (body.type !== 'RenameColumnAlterTableBody') return null
  return { table, column: body.old.text, to: body.new.text }
}
