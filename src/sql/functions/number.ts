import { allNotNull, typed, type TypedExpression } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { also, argument, scalar, simple } from './signature.ts'

/** PostgreSQL computes these as C does, for every argument. */
const native = { asinh: 'asinh', atan: 'atan', tanh: 'tanh' }

/** These are NULL or infinite where PostgreSQL has an error, or are missing there. */
const ours = [
  'acos',
  'acosh',
  'asin',
  'atanh',
  'cos',
  'cosh',
  'exp',
  'ln',
  'log10',
  'log2',
  'sin',
  'sinh',
  'sqrt',
  'tan',
]

/** https://www.sqlite.org/lang_mathfunc.html, and abs, round and sign. */
export const numberFunctions: readonly SqlFunction[] = [
  ...Object.entries(native).map(([name, sql]) =>
    scalar(name, [1, 1], (call, context) => of(sql, call, context)),
  ),
  ...ours.map((name) =>
    scalar(name, [1, 1], (call, context) => of(`sqlite.${name}`, call, context)),
  ),
  scalar('atan2', [2, 2], (call, context) => of('atan2', call, context)),
  ...also(
    scalar('pow', [2, 2], (call, context) => of('sqlite.power', call, context)),
    'power',
  ),
  scalar('mod', [2, 2], (call, context) => of('sqlite.mod', call, context)),
  scalar('log', [1, 2], logarithm),
  scalar('degrees', [1, 1], (call) => scaled(call, 180 / Math.PI)),
  scalar('radians', [1, 1], (call) => scaled(call, Math.PI / 180)),
  scalar('pi', [0, 0], () => typed(`'${Math.PI}'::float8`, 'real', { notNull: true })),
  scalar('sign', [1, 1], (call) => {
    const sql = `sign(${number(argument(call, 0))})::bigint`
    return typed(sql, 'integer', { notNull: isNumber(argument(call, 0)) && allNotNull(call.args) })
  }),
  ...also(
    scalar('ceil', [1, 1], (call, context) => whole('ceil', call, context)),
    'ceiling',
  ),
  scalar('floor', [1, 1], (call, context) => whole('floor', call, context)),
  scalar('trunc', [1, 1], (call, context) => whole('trunc', call, context)),
  scalar('abs', [1, 1], absolute),
  simple({
    name: 'round',
    takes: ['real', 'integer'],
    optional: 1,
    gives: 'real',
    notNull: 'strict',
    sql: (args) => `sqlite.round(${args.join(', ')})`,
  }),
]

function isNumber({ type }: TypedExpression): boolean {
  return type === 'integer' || type === 'real' || type === 'numeric'
}

/** What is no number as a whole is NULL to a mathematical function, not the number that it begins with. */
function number(arg: TypedExpression): string {
  const { sql, type } = arg
  if (type === 'real') return sql
  if (isNumber(arg)) return `(${sql})::float8`
  if (type === 'text' || type === 'dynamic') return `sqlite.math_argument(${sql})`
  return 'NULL::float8'
}

function of(name: string, { args }: FunctionCall, _context: FunctionContext): TypedExpression {
  return typed(`${name}(${args.map(number).join(', ')})`, 'real')
}

/** A product, as PostgreSQL's own divides by another constant and so has other last bits. */
function scaled(call: FunctionCall, factor: number): TypedExpression {
  const arg = argument(call, 0)
  return typed(`(${number(arg)} * '${factor}'::float8)`, 'real', {
    notNull: isNumber(arg) && arg.notNull,
  })
}

/** With two arguments the first is the base; of the second SQLite takes the number that it begins with. */
function logarithm(call: FunctionCall, context: FunctionContext): TypedExpression {
  if (call.args.length === 1) return of('sqlite.log10', call, context)
  const [base, value] = [argument(call, 0), argument(call, 1)]
  return typed(`sqlite.log(${number(base)}, ${context.real(value)})`, 'real')
}

/** An INTEGER stays what it is. */
function whole(name: string, call: FunctionCall, context: FunctionContext): TypedExpression {
  const arg = argument(call, 0)
  const { sql, type, notNull } = arg
  if (type === 'integer') return typed(sql, 'integer', { notNull })
  if (type === 'real') return typed(`${name}(${sql})`, 'real', { notNull })
  if (type === 'blob' || type === 'null') return typed('NULL::float8', 'real')
  return typed(`sqlite.${name}(${context.dynamic(arg)})`, 'dynamic', { numbers: true })
}

function absolute(call: FunctionCall, context: FunctionContext): TypedExpression {
  const arg = argument(call, 0)
  const { sql, type, notNull } = arg
  if (type === 'integer') return typed(`abs(${sql})`, 'integer', { notNull })
  if (type === 'numeric' || type === 'dynamic') {
    return typed(`sqlite.abs(${context.dynamic(arg)})`, 'dynamic', { notNull, numbers: true })
  }
  // A negative zero stays one.
  return typed(`sqlite.abs(${context.real(arg)})`, 'real', { notNull })
}
