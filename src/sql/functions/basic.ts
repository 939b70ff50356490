import { allNotNull, typed } from '../translate/expression.ts'
import type { SqlFunction } from './registry.ts'

/** A few functions of each kind, as examples for the groups. */
export const basicFunctions: readonly SqlFunction[] = [
  {
    name: 'coalesce',
    arity: { min: 2, max: null },
    kind: 'scalar',
    emit({ args }, context) {
      const { type, sql } = context.unify(args)
      const notNull = args.some((arg) => arg.notNull)
      return typed(`coalesce(${sql.join(', ')})`, type, { notNull })
    },
  },
  {
    name: 'ifnull',
    arity: { min: 2, max: 2 },
    kind: 'scalar',
    emit({ args }, context) {
      const { type, sql } = context.unify(args)
      const notNull = args.some((arg) => arg.notNull)
      return typed(`coalesce(${sql.join(', ')})`, type, { notNull })
    },
  },
  {
    name: 'lower',
    arity: { min: 1, max: 1 },
    kind: 'scalar',
    emit({ args }, context) {
      const [text] = args.map((arg) => context.text(arg))
      // In the "C" collation only ASCII letters change, as in SQLite.
      return typed(`lower(${text} COLLATE "C")`, 'text', { notNull: allNotNull(args) })
    },
  },
  {
    name: 'upper',
    arity: { min: 1, max: 1 },
    kind: 'scalar',
    emit({ args }, context) {
      const [text] = args.map((arg) => context.text(arg))
      return typed(`upper(${text} COLLATE "C")`, 'text', { notNull: allNotNull(args) })
    },
  },
  {
    name: 'count',
    arity: { min: 0, max: 1 },
    kind: 'aggregate',
    emit({ args: [arg], distinct, tail }, context) {
      const counted =
        distinct && arg !== undefined ? `DISTINCT ${context.key(arg)}` : (arg?.sql ?? '*')
      return typed(`count(${counted})${tail}`, 'integer', { notNull: true })
    },
  },
  {
    name: 'row_number',
    arity: { min: 0, max: 0 },
    kind: 'window',
    emit: ({ tail }) => typed(`row_number()${tail}`, 'integer', { notNull: true }),
  },
]
