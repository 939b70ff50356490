import { LockstepError } from '../../src/core/errors.ts'
import type { Catalog } from '../../src/sql/catalog.ts'
import { analyze, withReturning, type Statement } from '../../src/sql/statement.ts'
import type {
  ParameterClass,
  SlotType,
  Translation,
  Translator,
} from '../../src/sql/translation.ts'

/** Kinds of statements whose text PostgreSQL may take as it is. */
const plain = new Set(['select', 'insert', 'update', 'delete'])

const slotTypes: Readonly<Record<ParameterClass, SlotType>> = {
  null: 'text',
  integer: 'bigint',
  'integral-real': 'bigint',
  real: 'float8',
  'integral-text': 'text',
  'numeric-text': 'text',
  text: 'text',
  blob: 'bytea',
}

/** No translator: the application's own text, with `$n` for its parameters. What the measure is measured by. */
export function createPlainTranslator(catalog: Catalog): Translator {
  return {
    translate(sql, classes): Translation {
      const statement = analyze(sql)
      const { kind, parameters } = statement
      if (!plain.has(kind)) {
        throw new LockstepError(
          'SQL_UNSUPPORTED',
          `A statement of kind ${kind} does not run on PostgreSQL: ${sql}`,
          { details: { kind } },
        )
      }
      const rowid = rowidColumn(statement, catalog)
      const slots = parameters.map(({ ordinal }) => ({
        parameter: ordinal,
        type: slotTypes[classes[ordinal - 1] ?? 'null'],
        use: 'value' as const,
      }))
      const text = rowid === null ? statement.postgres.text : withReturning(statement, rowid)
      return {
        kind,
        steps: [{ text, slots, role: 'result' }],
        columns: rowid === null ? [] : [{ name: rowid, decoder: 'integer', source: null }],
        hiddenColumns: rowid === null ? 0 : 1,
        order: 'none',
        assumptions: parameters.map(({ ordinal }) => ({
          parameter: ordinal,
          classes: [classes[ordinal - 1] ?? 'null'],
        })),
      }
    },
  }
}

/** SQLite's last insert rowid is the key of a table with an integer key, and of one without a key. */
function rowidColumn(statement: Statement, catalog: Catalog): string | null {
  if (statement.kind !== 'insert' || statement.hasReturning || statement.target === null)
    return null
  return catalog.relation(statement.target)?.rowid?.column ?? null
}
