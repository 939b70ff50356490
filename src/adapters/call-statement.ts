import type { PreparedStatement } from '../api.ts'
import type { Method } from '../sqlite/statements.ts'

/** Calls a statement by the name of the method. */
export function callStatement(
  statement: PreparedStatement,
  method: Method,
  args: readonly unknown[],
): Promise<unknown> {
  const calls: Record<Method, (...args: readonly unknown[]) => Promise<unknown>> = statement
  return calls[method](...args)
}
