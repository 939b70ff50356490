import { LockstepError } from '../core/errors.ts'
import type { Method, PostgresPlan } from '../postgres/statements.ts'
import { parseStatements } from '../sql/parser.ts'

/**
 * The statement that an EXPLAIN QUERY PLAN asks about.
 * @throws LockstepError SQL_UNSUPPORTED for EXPLAIN alone, which lists SQLite's own byte code
 */
export function explained(sql: string): string {
  const [statement] = parseStatements(sql)
  if (statement?.type === 'ExplainStmt' && statement.queryPlan) {
    return sql.slice(statement.stmt.span.offset)
  }
  throw new LockstepError(
    'SQL_UNSUPPORTED',
    "EXPLAIN shows SQLite's byte code, which PostgreSQL does not have. Use EXPLAIN QUERY PLAN",
    { details: { construct: 'EXPLAIN' } },
  )
}

/** The plan of a plan: PostgreSQL's EXPLAIN of the step that gives the result, a line in each row. */
export function explainPlan(plan: PostgresPlan): PostgresPlan {
  return {
    ...plan,
    statement: { ...plan.statement, kind: 'explain', returnsRows: true },
    bind(args, facts) {
      const bound = plan.bind(args, facts)
      const step = bound.prepared.steps.find(({ role }) => role === 'result')
      if (step === undefined) throw new TypeError('A translation has no result')
      const explaining = { ...step, text: `EXPLAIN ${step.text}`, name: `${step.name}_plan` }
      const prepared = {
        ...bound.prepared,
        steps: [explaining],
        names: ['detail'],
        decoders: [(text: string) => text],
      }
      return { ...bound, prepared }
    },
  }
}

/** In the columns that SQLite gives: https://www.sqlite.org/eqp.html */
export function explainRows(
  method: Method,
  lines: readonly unknown[][],
  integer: (value: number) => number | bigint,
): unknown {
  const rows = lines.map(([detail], index) => ({
    id: integer(index + 1),
    parent: integer(0),
    notused: integer(0),
    detail,
  }))
  if (method === 'values') return rows.map((row) => Object.values(row))
  return method === 'get' ? rows[0] : rows
}
