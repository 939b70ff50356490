import type { InsertStmt } from 'sqlite3-parser'
import type { Emitter, Plan } from './emitter.ts'

export function translateInsert(statement: InsertStmt, emitter: Emitter): Plan {
  throw emitter.unsupported('INSERT', statement.span.offset, 'It is not there yet')
}
