import type { UpdateStmt } from 'sqlite3-parser'
import type { Emitter, Plan } from './emitter.ts'

export function translateUpdate(statement: UpdateStmt, emitter: Emitter): Plan {
  throw emitter.unsupported('UPDATE', statement.span.offset, 'It is not there yet')
}
