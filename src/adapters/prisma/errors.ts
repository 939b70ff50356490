import { DriverAdapterError, type MappedError } from '@prisma/driver-adapter-utils'
import { isLockstepError } from '../../core/errors.ts'

/**
 * The error that Prisma makes one of its own of, with its code (`P2002`), as of those of better-sqlite3. What Prisma
 * has no kind for comes to the application with the code and the words of the LockstepError, which say what to do.
 */
export function prismaError(error: unknown): unknown {
  if (!isLockstepError(error)) return error
  const { code, message } = error
  const kind = kindOf(code, message)
  if (kind === undefined) return error
  return new DriverAdapterError({ originalCode: code, originalMessage: message, ...kind })
}

/**
 * Of a commit Prisma hands on the error as it is, where it gives that of a query its code. Who runs a transaction again
 * on `P2034` looks for it here too.
 */
export function commitError(error: unknown): unknown {
  const made = prismaError(error)
  if (!isLockstepError(error, 'SERIALIZATION_FAILED')) return made
  return Object.assign(made as Error, { code: 'P2034', message: error.message })
}

function kindOf(code: string, message: string): MappedError | undefined {
  switch (code) {
    case 'SERIALIZATION_FAILED':
      // Its P2034 says to run the transaction again.
      return { kind: 'TransactionWriteConflict' }
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
      return { kind: 'UniqueConstraintViolation', ...violated(message) }
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return { kind: 'NullConstraintViolation', constraint: violated(message).constraint }
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case 'SQLITE_CONSTRAINT_TRIGGER':
      return { kind: 'ForeignKeyConstraintViolation', constraint: { foreignKey: {} } }
    default:
      if (code.startsWith('SQLITE_BUSY')) return { kind: 'SocketTimeout' }
      if (!code.startsWith('SQLITE_')) return undefined
      // Prisma takes the number of a code, of which better-sqlite3 gives the name: that of SQLITE_ERROR stands for all.
      return missing(message) ?? { kind: 'sqlite', extendedCode: 1, message }
  }
}

/** The table and the columns in `UNIQUE constraint failed: users.name, users.email`. */
function violated(message: string): { table: string; constraint: { fields: string[] } } {
  const columns = (message.split('constraint failed: ')[1] ?? '').split(', ')
  const [first = ''] = columns
  return {
    table: first.slice(0, Math.max(0, first.lastIndexOf('.'))),
    constraint: { fields: columns.map((column) => column.slice(column.lastIndexOf('.') + 1)) },
  }
}

const kindsOfMissing: readonly [RegExp, (name: string) => MappedError][] = [
  [/^no such table: (.*)/, (table) => ({ kind: 'TableDoesNotExist', table })],
  [/^no such column: (.*)/, (column) => ({ kind: 'ColumnNotFound', column })],
  [/ has no column named (.*)/, (column) => ({ kind: 'ColumnNotFound', column })],
]

function missing(message: string): MappedError | undefined {
  for (const [pattern, kind] of kindsOfMissing) {
    const [, name] = pattern.exec(message) ?? []
    if (name !== undefined) return kind(name)
  }
  return undefined
}
