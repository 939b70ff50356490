import { parseStatements } from '../parser.ts'
import { unsupportedStatement } from '../translate/refuse.ts'

/**
 * Refuses, while there are two places, a change of the schema that only one of them can have.
 * @throws LockstepError SQL_UNSUPPORTED with the construct and what to do instead
 */
export function refuseUncarried(sql: string): void {
  const [statement] = parseStatements(sql)
  switch (statement?.type) {
    case 'CreateVirtualTableStmt':
      throw unsupported(
        sql,
        'CREATE VIRTUAL TABLE',
        'PostgreSQL has no such tables; keep it in a file of its own',
      )
    case 'CreateTableStmt':
      if (statement.temporary || isTemporary(statement.tblName.dbName?.text))
        throw temporary(sql, 'CREATE TEMP TABLE')
      return
    case 'CreateViewStmt':
      if (statement.temporary || isTemporary(statement.viewName.dbName?.text))
        throw temporary(sql, 'CREATE TEMP VIEW')
      return
    case 'CreateTriggerStmt':
      if (statement.temporary || isTemporary(statement.triggerName.dbName?.text))
        throw temporary(sql, 'CREATE TEMP TRIGGER')
      return
    default:
  }
}

function isTemporary(database: string | undefined): boolean {
  return database?.toLowerCase() === 'temp'
}

function temporary(sql: string, construct: string): Error {
  return unsupported(
    sql,
    construct,
    'It would live in one connection, and statements run on several; use a common table expression',
  )
}

function unsupported(sql: string, construct: string, wayOut: string): Error {
  return unsupportedStatement(sql, construct, wayOut, 'cannot be carried to PostgreSQL')
}
