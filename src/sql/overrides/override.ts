import { LockstepError } from '../../core/errors.ts'
import type { Parameter } from '../placeholders.ts'
import type { Statement, StatementKind } from '../statement.ts'
import type { Slot, SlotType, SlotUse } from '../translation.ts'
import { readPostgresParameters, type WrittenParameter } from './postgres-text.ts'

/** A statement's form for PostgreSQL that an operator has written, instead of the translator's. */
export interface Override {
  readonly fingerprint: string
  /** The statement of the application as the operator gave it; null where only the fingerprint was given. */
  readonly sqlite: string | null
  /** With `$n` for SQLite's parameter number n, or `:name`, each with a cast. */
  readonly postgres: string
  readonly reason: string | null
}

/** The form as it is sent: dense `$n`, and what each stands for. */
export interface OverrideText {
  readonly text: string
  readonly slots: readonly Slot[]
}

export const overridable: ReadonlySet<StatementKind> = new Set([
  'select',
  'insert',
  'update',
  'delete',
])

/** With what PostgreSQL's form of a statement may begin: it must neither end a transaction nor change the schema. */
const beginnings: Readonly<Record<string, RegExp>> = {
  select: /^(?:select|with|values|table)$/,
  write: /^(?:insert|update|delete|merge|with|select)$/,
}

/**
 * Puts the form of an override and the statement that it is for together.
 * @throws LockstepError OVERRIDE_INVALID where they do not fit
 */
export function fitOverride(statement: Statement, override: Override): OverrideText {
  const { kind, parameters } = statement
  if (!overridable.has(kind)) {
    throw invalid(
      override,
      'it is for a statement that neither reads nor writes rows; only SELECT, INSERT, UPDATE and DELETE can have one',
    )
  }
  const text = override.postgres.trim().replace(/;\s*$/, '')
  const [first = ''] =
    /[a-z]+/i.exec(text.replace(/^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '')) ?? []
  if (!beginnings[kind === 'select' ? 'select' : 'write']?.test(first.toLowerCase())) {
    throw invalid(
      override,
      `its PostgreSQL form begins with "${first}", which is not what ${kind.toUpperCase()} can be replaced by`,
    )
  }
  const written = readPostgresParameters(text)
  const placed = written.map((each) => ({ ...each, slot: slotOf(each, parameters, override) }))
  const used = new Set(placed.map(({ slot }) => slot.parameter))
  const unused = parameters.find(({ ordinal }) => !used.has(ordinal))
  if (unused !== undefined) {
    const name = unused.kind === 'named' ? `:${unused.name}` : `$${unused.ordinal}`
    throw invalid(
      override,
      `the statement has ${count(parameters.length)}, and its PostgreSQL form does not use ${name}`,
    )
  }
  return number(text, placed)
}

/** The statement that the message is about is named by its fingerprint, as its text may hold values. */
export function invalid(
  { fingerprint, postgres }: Pick<Override, 'fingerprint' | 'postgres'>,
  problem: string,
  cause?: unknown,
): LockstepError {
  return new LockstepError(
    'OVERRIDE_INVALID',
    `The override ${fingerprint} cannot be used: ${problem}`,
    {
      details: { fingerprint, postgres },
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

function slotOf(
  written: WrittenParameter,
  parameters: readonly Parameter[],
  override: Override,
): Slot {
  const { name, type } = written
  const numbered = /^\d+$/.test(name)
  const parameter = parameters.find((each) =>
    numbered ? each.ordinal === Number(name) : each.kind === 'named' && each.name === name,
  )
  const shown = numbered ? `$${name}` : `:${name}`
  if (parameter === undefined) {
    throw invalid(
      override,
      `its PostgreSQL form uses ${shown}, and the statement has ${count(parameters.length)}${namesOf(parameters)}`,
    )
  }
  if (type === null) {
    throw invalid(
      override,
      `${shown} has no type. Write it with the one that PostgreSQL shall take it for, such as ${shown}::text or ${shown}::bigint`,
    )
  }
  return { parameter: parameter.ordinal, ...encodingOf(type) }
}

const integer = { type: 'bigint', use: 'integer' } as const
const real = { type: 'float8', use: 'real' } as const
const numeric = { type: 'numeric', use: 'numeric' } as const
const text = { type: 'text', use: 'text' } as const

const encodings: Readonly<Record<string, { readonly type: SlotType; readonly use: SlotUse }>> = {
  smallint: integer,
  int2: integer,
  integer,
  int: integer,
  int4: integer,
  bigint: integer,
  int8: integer,
  real,
  float4: real,
  float: real,
  float8: real,
  'double precision': real,
  numeric,
  decimal: numeric,
  bytea: { type: 'bytea', use: 'value' },
  boolean: { type: 'boolean', use: 'value' },
  bool: { type: 'boolean', use: 'value' },
}

/** The affinity that goes with the type, so that 5, which is bound as a REAL, is an integer for a bigint. Others are sent as text. */
function encodingOf(type: string): { readonly type: SlotType; readonly use: SlotUse } {
  return Object.hasOwn(encodings, type) ? (encodings[type] ?? text) : text
}

function number(
  written: string,
  placed: readonly (WrittenParameter & { readonly slot: Slot })[],
): OverrideText {
  const slots: Slot[] = []
  const numbers = new Map<string, number>()
  let text = ''
  let at = 0
  for (const { start, end, type, slot } of placed) {
    // One `$n` has one type on the server: a second cast would be made of what the first has made.
    const key = `${slot.parameter} ${type}`
    const number = numbers.get(key) ?? slots.push(slot)
    numbers.set(key, number)
    text += `${written.slice(at, start)}$${number}`
    at = end
  }
  return { text: text + written.slice(at), slots }
}

function count(parameters: number): string {
  if (parameters === 0) return 'no parameters'
  return parameters === 1 ? 'one parameter' : `${parameters} parameters`
}

function namesOf(parameters: readonly Parameter[]): string {
  const names = parameters.map(({ kind, name, ordinal }) =>
    kind === 'named' ? `:${name}` : `$${ordinal}`,
  )
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}
