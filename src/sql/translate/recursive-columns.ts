import type { CommonTableExpr, Select } from 'sqlite3-parser'
import { sharedAffinity, sharedCollation, sharedGuess } from './compound-columns.ts'
import { castNames, columnType, unify } from './convert.ts'
import type { EmittedColumn, Emitter, SelectText } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { dynamicAsReal } from './real-affinity.ts'
import type { CommonTable } from './scope.ts'
import { derived } from './sources.ts'

/** Under the names that the WITH clause gives them. What their arms give later is not known to be numbers. */
export function named(
  cte: CommonTableExpr,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): readonly EmittedColumn[] {
  if (cte.columns !== undefined && cte.columns.length !== columns.length) {
    const message = `table ${cte.tblName.text} has ${columns.length} values for ${cte.columns.length} columns`
    throw emitter.wrong(message, cte.tblName.span.offset)
  }
  return columns.map((column, index) => ({
    ...column,
    expression: { ...column.expression, numbers: false },
    name: cte.columns?.[index]?.colName.text ?? column.name,
  }))
}

/** The table as its own arm reads it: its columns have no affinity there. */
export function selfTable(
  name: string,
  sqlName: string,
  columns: readonly EmittedColumn[],
): CommonTable {
  return {
    name,
    sqlName,
    columns: columns.map((column) => ({
      name: column.name,
      expression: {
        ...column.expression,
        sql: column.sqlName,
        affinity: 'none',
        isOwn: true,
        notNull: false,
      },
    })),
  }
}

/** What an arm gives may be of another class than what is there. */
export function widened(
  columns: readonly EmittedColumn[],
  arm: SelectText,
  select: Select,
  emitter: Emitter,
): readonly EmittedColumn[] {
  if (arm.columns.length !== columns.length) {
    const words = 'SELECTs to the left and right of UNION ALL do not have the same number'
    throw emitter.wrong(`${words} of result columns`, select.span.offset)
  }
  return columns.map((column, index) => {
    const columns = [column, arm.columns[index] as EmittedColumn]
    const both = columns.map((each) => each.expression)
    const expression = {
      ...column.expression,
      type: columnType(both),
      affinity: sharedAffinity(columns),
    }
    return { ...column, expression, ...sharedGuess(columns) }
  })
}

/** Both terms must have PostgreSQL's very types and collations. */
export function exact(
  select: SelectText,
  columns: readonly EmittedColumn[],
  more: string | null,
  emitter: Emitter,
): string {
  const alias = emitter.freshName('r')
  const list = select.columns.map(({ expression, sqlName }, index) => {
    const target = (columns[index] as EmittedColumn).expression
    const value = derived(expression, `${alias}.${sqlName}`)
    const isSame = value.type === target.type || value.type === 'null'
    const sql = isSame ? value.sql : dynamic(value)
    const isRead = target.affinity === 'real' && target.type === 'dynamic'
    return exactly(isRead ? dynamicAsReal(sql) : sql, target)
  })
  return `SELECT ${list.join(', ')}${more ?? ''} FROM (${select.sql}) AS ${alias}`
}

function dynamic(value: TypedExpression): string {
  return unify([value, typed('NULL::json', 'dynamic')]).sql[0] as string
}

/** The collation by which rows of the whole are told apart and sorted: of the first arm that has one. */
export function collationOf(
  expression: TypedExpression,
  arms: readonly SelectText[],
  index: number,
): Pick<TypedExpression, 'collation' | 'collationFrom'> {
  const others = arms.flatMap(({ columns }) => columns[index]?.expression ?? [])
  return sharedCollation([expression, ...others])
}

/** The type and collation that both terms of a recursion must have in PostgreSQL. */
export function exactly(sql: string, { type }: TypedExpression, array: '' | '[]' = ''): string {
  const cast = `(${sql})::${castNames[type]}${array}`
  return type === 'text' || type === 'null' ? `${cast} COLLATE "C"` : cast
}
