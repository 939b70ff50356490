import type { DeleteStmt } from 'sqlite3-parser'
import type { Emitter, Plan } from './emitter.ts'

export function translateDelete(statement: DeleteStmt, emitter: Emitter): Plan {
  throw emitter.unsupported('DELETE', statement.span.offset, 'It is not there yet')
}
