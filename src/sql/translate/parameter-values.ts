import type { ParameterClass, SlotType, SlotUse, UpgradedColumn } from '../translation.ts'
import type { ComparisonOperator } from './comparison.ts'
import { typed, type TypedExpression } from './expression.ts'
import { isNumeric } from './operands.ts'
import { nullLiteral } from './literals.ts'
import type { Parameters } from './parameters.ts'

const REAL: readonly ParameterClass[] = ['real', 'integral-real']
const TEXT: readonly ParameterClass[] = ['text', 'integral-text', 'numeric-text']
const WHOLE: readonly ParameterClass[] = ['null', 'integer', 'integral-real', 'integral-text']
const NUMBERS: readonly ParameterClass[] = [...WHOLE, 'real', 'numeric-text']

/** A parameter that faces nothing: of its own class. */
export function ownClass(parameters: Parameters, parameter: number): TypedExpression {
  const collation = parameters.columnCollation(parameter)
  if (collation !== undefined) {
    const facts = { collation, collationFrom: 'column', notNull: false, constant: false } as const
    return { ...ofOwnClass(parameters, parameter), ...facts }
  }
  return reference(parameters, parameter, ofOwnClass(parameters, parameter))
}

function ofOwnClass(parameters: Parameters, parameter: number): TypedExpression {
  const is = (...classes: readonly ParameterClass[]): boolean =>
    parameters.isOneOf(parameter, classes)
  if (is('null')) return nullLiteral
  const facts = { constant: true, notNull: true }
  if (is('integer')) return typed(parameters.slot(parameter, 'bigint', 'value'), 'integer', facts)
  if (is(...REAL)) return typed(parameters.slot(parameter, 'float8', 'value'), 'real', facts)
  if (is(...TEXT)) return typed(parameters.slot(parameter, 'text', 'value'), 'text', facts)
  if (is('dynamic')) return typed(parameters.slot(parameter, 'json', 'value'), 'dynamic', facts)
  return typed(parameters.slot(parameter, 'bytea', 'value'), 'blob', facts)
}

/**
 * A parameter that is compared with something: cast to what the other side is, so that its index can be used and
 * NULL, integers and the texts of integers share one plan.
 */
export function facing(
  parameters: Parameters,
  parameter: number,
  other: TypedExpression,
): TypedExpression {
  return reference(parameters, parameter, castFor(parameters, parameter, other))
}

function castFor(
  parameters: Parameters,
  parameter: number,
  other: TypedExpression,
): TypedExpression {
  const { affinity, type, column } = other
  if (isNumeric(affinity) && type !== 'text') return number(parameters, parameter, other)
  const convertible = !parameters.isOneOf(parameter, ['blob'])
  if (affinity === 'text' && type === 'text' && convertible) {
    return typed(parameters.slot(parameter, 'text', 'text'), 'text', { constant: true })
  }
  // Without an affinity a parameter keeps its class; where that is the other's, NULL needs no plan of its own.
  const isKnown = column !== null || isNumeric(affinity)
  if (type === 'text' && isKnown && parameters.isOneOf(parameter, ['null', 'text'])) {
    const facts = { constant: true, isNoNumber: true }
    return typed(parameters.slot(parameter, 'text', 'value'), 'text', facts)
  }
  if (type === 'blob' && parameters.isOneOf(parameter, ['null', 'blob'])) {
    return typed(parameters.slot(parameter, 'bytea', 'value'), 'blob', { constant: true })
  }
  return ofOwnClass(parameters, parameter)
}

function number(
  parameters: Parameters,
  parameter: number,
  { type, column }: TypedExpression,
): TypedExpression {
  const facts = { constant: true }
  if (type === 'integer' && parameters.isOneOf(parameter, WHOLE)) {
    return typed(parameters.slot(parameter, 'bigint', 'integer'), 'integer', facts)
  }
  if (!parameters.isOneOf(parameter, NUMBERS)) return ofOwnClass(parameters, parameter)
  if (column?.postgresType === 'numeric') {
    return typed(parameters.slot(parameter, 'numeric', 'numeric'), 'numeric', facts)
  }
  return typed(parameters.slot(parameter, 'float8', 'same'), 'real', facts)
}

/** An application's parameter, which can be sent in several forms at once. */
export interface ParameterReference {
  /** The text of the expression for which this holds; what is made of it has another. */
  readonly of: string
  slot(type: SlotType, use: SlotUse, column?: UpgradedColumn): string
}

function reference(
  parameters: Parameters,
  parameter: number,
  value: TypedExpression,
): TypedExpression {
  if (value.type === 'null') return value
  const slot: ParameterReference['slot'] = (type, use, column) =>
    parameters.slot(parameter, type, use, column)
  return { ...value, parameter: { of: value.sql, slot } }
}

/** The parameter that the expression is, as it came. */
export function parameterOf({ parameter, sql }: TypedExpression): ParameterReference | undefined {
  return parameter?.of === sql ? parameter : undefined
}

/**
 * A parameter that is sent as a double within rows, which PostgreSQL compares as wholes: no one value would stand for an
 * INTEGER between two doubles, which is refused.
 */
export function exact(side: TypedExpression, sql: string): string {
  return doubleParameter(side, sql)?.slot('float8', 'numeric') ?? sql
}

/** A parameter that is sent as a double, by the one that stands for its value on this side of the operator. */
export function bounded(side: TypedExpression, sql: string, operator: ComparisonOperator): string {
  const parameter = doubleParameter(side, sql)
  if (parameter === undefined || operator === '=' || operator === '<>') return sql
  return parameter.slot('float8', operator === '<' || operator === '>=' ? 'ceiling' : 'floor')
}

function doubleParameter(side: TypedExpression, sql: string): ParameterReference | undefined {
  return side.type === 'real' && side.sql === sql ? parameterOf(side) : undefined
}
