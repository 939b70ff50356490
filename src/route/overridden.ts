import { LockstepError } from '../core/errors.ts'
import { databaseError, postgresError } from '../postgres/errors.ts'
import {
  describeStatement,
  type DescribedColumn,
  type DescribingClient,
} from '../postgres/describe.ts'
import { prepareTranslation, type PreparedTranslation } from '../postgres/prepared-translation.ts'
import type { BoundTranslation } from '../postgres/statements.ts'
import type { DescribeViolation } from '../schema/violations.ts'
import { bindValues } from '../sql/bind.ts'
import type { Catalog, Relation } from '../sql/catalog.ts'
import { hasUnknownRowids } from '../sql/last-insert-rowid.ts'
import { fitOverride, invalid, type Override } from '../sql/overrides/override.ts'
import type { Statement } from '../sql/statement.ts'
import type { ResultColumn } from '../sql/translation.ts'

/** A statement that runs in the form that an operator wrote. */
export interface Overridden {
  /**
   * What the server must be asked before the first run, on the connection that will run it; undefined once it was.
   * @throws LockstepError OVERRIDE_INVALID where the form does not fit; nothing has run then
   */
  check(): ((client: DescribingClient) => Promise<void>) | undefined
  /** Once it has been checked. */
  bind(args: readonly unknown[]): BoundTranslation
}

export interface OverriddenOptions {
  readonly catalog: Catalog
  readonly describe: DescribeViolation
  readonly safeIntegers: boolean
  readonly nextName: () => string
  /** The names that SQLite gives to a statement's columns; SQLite's own error where it refuses the statement. */
  readonly columnNames: (sql: string) => readonly string[]
}

export function createOverridden(
  statement: Statement,
  override: Override,
  options: OverriddenOptions,
): Overridden {
  let prepared: PreparedTranslation | undefined
  const check = async (client: DescribingClient): Promise<void> => {
    const { text, slots } = fitOverride(statement, override)
    const names = options.columnNames(statement.sql)
    const relation = insertedInto(statement, options.catalog)
    // `lastInsertRowid` is what SQLite has for an INSERT of a table with a rowid.
    const hidden = relation?.rowid ? [relation.rowid.column] : []
    const isUnknown = relation !== undefined && hasUnknownRowids(relation)
    const described = await describe(client, text, override)
    const columns = columnsOf(described, [...names, ...hidden], override, hidden)
    prepared = prepareTranslation(
      {
        kind: statement.kind,
        steps: [{ text, slots, role: 'result' }],
        columns,
        hiddenColumns: hidden.length,
        mustOnlyRead: statement.kind === 'select',
        ...(isUnknown && { unknownRowid: relation.name }),
        order: 'none',
        assumptions: [],
      },
      options,
    )
  }
  const describeFailure: DescribeViolation = (violated) =>
    violated.sqlState === readOnly ? changing(statement, override) : options.describe(violated)
  return {
    check: () => (prepared === undefined ? check : undefined),
    bind(args) {
      // Another process changed the schema in between, so this is not the one that was checked: it runs again.
      if (prepared === undefined)
        throw new LockstepError('SERIALIZATION_FAILED', 'The schema has changed meanwhile')
      return { prepared, values: bindValues(statement, args), describe: describeFailure }
    },
  }
}

/** `read_only_sql_transaction`: PostgreSQL was about to change something. */
const readOnly = '25006'

function changing({ kind }: Statement, override: Override): LockstepError {
  const problem =
    `its form changes something, and ${kind.toUpperCase()} does not: PostgreSQL runs it in a read-only transaction. ` +
    'Change rows in a statement of the application that does so'
  return invalid(override, problem)
}

function insertedInto({ kind, target }: Statement, catalog: Catalog): Relation | undefined {
  return kind === 'insert' && target !== null ? catalog.relation(target) : undefined
}

async function describe(
  client: DescribingClient,
  text: string,
  override: Override,
): Promise<readonly DescribedColumn[]> {
  try {
    return await describeStatement(client, text)
  } catch (error) {
    const known = databaseError(error)
    if (known === undefined || !aboutTheText.test(known.code ?? '')) throw postgresError(error)
    const { message, position } = known
    // Where parameters have become numbers the server counts in another text than the operator's.
    const isAsWritten = position !== undefined && override.postgres.includes(text)
    const place = isAsWritten ? ` at character ${position}` : ''
    throw invalid(override, `PostgreSQL refuses its form: ${message}${place}`, error)
  }
}

/** Syntax and names, values in the text, features; other classes speak of the server and the transaction. */
const aboutTheText = /^(?:42|22|0A|54)/

/** By the server's numbers for its types. https://www.postgresql.org/docs/current/catalog-pg-type.html */
const decoders: Readonly<Record<number, ResultColumn['decoder']>> = {
  16: 'boolean',
  17: 'blob',
  18: 'text',
  19: 'text',
  20: 'integer',
  21: 'integer',
  23: 'integer',
  25: 'text',
  26: 'integer',
  114: 'text',
  700: 'real',
  701: 'real',
  1042: 'text',
  1043: 'text',
  1082: 'text',
  1083: 'text',
  1114: 'text',
  1184: 'instant',
  1700: 'numeric',
  2950: 'text',
  3802: 'text',
}

function columnsOf(
  described: readonly DescribedColumn[],
  names: readonly string[],
  override: Override,
  hidden: readonly string[],
): ResultColumn[] {
  if (described.length !== names.length) {
    const [rowid] = hidden
    const own =
      rowid === undefined
        ? ''
        : `; the last one must be "${rowid}", which lastInsertRowid comes from (RETURNING "${rowid}")`
    const wanted = names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ')
    throw invalid(
      override,
      `its form returns ${described.length} columns, and these are wanted: ${wanted}${own}`,
    )
  }
  return described.map(({ name, dataTypeID }, index) => {
    const decoder = decoders[dataTypeID]
    if (decoder !== undefined) return { name: names[index] ?? '', decoder, source: null }
    throw invalid(
      override,
      `column ${index + 1} of its form ("${name}") is of a type that SQLite has no value for. Cast it, to text for one`,
    )
  })
}
