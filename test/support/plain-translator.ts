import { analyze } from '../../src/sql/statement.ts'
import type { ParameterClass, SlotType, Translator } from '../../src/sql/translation.ts'

const slotTypes: Readonly<Record<ParameterClass, SlotType>> = {
  null: 'text',
  integer: 'bigint',
  'integral-real': 'bigint',
  real: 'float8',
  'integral-text': 'text',
  'numeric-text': 'text',
  text: 'text',
  blob: 'bytea',
  dynamic: 'json',
}

/** Sends a test's own text, whose columns are numbers and have plain names. */
export function createPlainTranslator(): Translator {
  return {
    translate(sql, classes) {
      const { kind, parameters, postgres, returnsRows } = analyze(sql)
      const slots = parameters.map(({ ordinal }) => ({
        parameter: ordinal,
        type: slotTypes[classes[ordinal - 1] ?? 'null'],
        use: 'value' as const,
      }))
      const list = /^SELECT (.*?)(?: FROM\b|$)/.exec(sql)?.[1]?.split(', ') ?? []
      const columns = list.map((column) => ({
        name: column.replace(/^.* AS /, ''),
        decoder: 'numeric' as const,
        source: null,
      }))
      return {
        kind,
        steps: [{ text: postgres.text, slots, role: 'result' }],
        columns: returnsRows ? columns : [],
        hiddenColumns: 0,
        order: 'none',
        assumptions: parameters.map(({ ordinal }) => ({
          parameter: ordinal,
          classes: [classes[ordinal - 1] ?? 'null'],
        })),
      }
    },
  }
}
