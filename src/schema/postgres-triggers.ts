import { createHash } from 'node:crypto'
import { messageOf } from '../core/errors.ts'
import { translateTrigger } from '../sql/ddl/trigger.ts'
import { createTranslator } from '../sql/translate/translator.ts'
import { actingParents, isActedOn } from './acting-parents.ts'
import { createBelowActions } from './below-actions.ts'
import { catalogOf } from './catalog.ts'
import type { DdlPlan, DdlStatement } from './ddl.ts'
import { decision, warning } from './findings.ts'
import { keyActions } from './key-actions.ts'
import type { Finding, Table, Trigger } from './model.ts'
import { createRowByRow } from './row-by-row.ts'
import { quoteIdentifier as quote, quoteQualified } from './quote.ts'
import { triggerFunctionBody, type CountingTrigger } from './trigger-function.ts'
import { postgresTriggerNames } from './trigger-names.ts'

const tag = '$lockstep_trigger$'

const ahead =
  'it writes or reads what triggers write or read that a foreign key’s action (ON DELETE CASCADE) fires, which run before it on SQLite and behind it there. ' +
  'Do in one trigger what they do together'

/**
 * The application's triggers of a table as PostgreSQL runs them, in SQLite's order; one that cannot do the
 * same there is a finding. While PostgreSQL is the secondary the caller switches them off.
 */
export function createTriggers(
  table: Table,
  tables: readonly Table[],
  schema: string,
  triggers: readonly Trigger[] = table.triggers,
): DdlPlan {
  const statements: DdlStatement[] = []
  const findings: Finding[] = []
  if (triggers.length === 0) return { statements, findings }
  const catalog = catalogOf({ version: 0, tables, foreignKeys: true })
  const translator = createTranslator(catalog)
  const relation = catalog.relation(table.name)
  const names = postgresTriggerNames(table, tables)
  const rowByRow = createRowByRow(tables)
  const belowActions = createBelowActions(tables, schema, rowByRow)
  for (const trigger of triggers) {
    try {
      const name = names.get(trigger.name) ?? trigger.name
      if (relation === undefined || Buffer.byteLength(name) > 63)
        throw new RangeError('its name is too long')
      const access = rowByRow.accessOf(table, trigger)
      const event = access?.time === 'AFTER' ? access.event : 'INSERT'
      const actionsFirst = rowByRow.actionsFirst(table, event)
      if (actionsFirst === 'never' && rowByRow.isBehindActions(table, trigger))
        throw new RangeError(ahead)
      const parents = access === null ? new Set<string>() : actingParents(table, access, tables)
      const absent = new Set(trigger.fullText)
      const translate = (sql: string): ReturnType<typeof translateTrigger> =>
        translateTrigger(sql, relation, translator, { parents, absent })
      const translated = translate(trigger.sql)
      const needsOneRow = rowByRow.needsOneRow(table, trigger)
      const before = actionsFirst === 'always' ? keyActions(table, event, tables, schema) : []
      const made = {
        ...translated,
        needsOneRow,
        actedOn: access !== null && isActedOn(table, access),
        before,
        below: belowActions(table, trigger, translate),
      }
      statements.push(...triggerStatements({ table, trigger, name }, made, schema))
      if (needsOneRow) findings.push(oneRowOnly(table, trigger))
      if (absent.size > 0) findings.push(noIndex(table, trigger, [...absent]))
    } catch (error) {
      const message = `trigger "${trigger.name}" has to be written for PostgreSQL: ${messageOf(error)}`
      findings.push(decision('TRIGGER_NOT_CARRIED', { table: table.name }, message))
    }
  }
  return { statements, findings }
}

function noIndex(table: Table, { name }: Trigger, indexes: readonly string[]): Finding {
  const rebuild = indexes.map((index) => `INSERT INTO ${index}(${index}) VALUES('rebuild')`)
  const message =
    `trigger "${name}" keeps a full-text index that PostgreSQL has not, and which misses what is written there: ` +
    `after a rollback run ${rebuild.join('; ')}`
  return warning('TRIGGER_FULL_TEXT', { table: table.name }, message)
}

function oneRowOnly(table: Table, { name }: Trigger): Finding {
  const message =
    `trigger "${name}" looks at what SQLite changes row by row: ` +
    'on PostgreSQL a statement of several rows for which it does something is refused'
  return warning('TRIGGER_ONE_ROW', { table: table.name }, message)
}

/** Takes triggers out again, whoever has made them; by PostgreSQL's names. */
export function dropTriggers(
  table: Table,
  schema: string,
  names: readonly string[],
): DdlStatement[] {
  return names.map((name) => {
    const sql = `DROP TRIGGER IF EXISTS ${quote(name)} ON ${quoteQualified(schema, table.name)}`
    return { sql, table: table.name, object: name, mayFail: true }
  })
}

interface Named {
  readonly table: Table
  readonly trigger: Trigger
  /** On PostgreSQL. */
  readonly name: string
}

function triggerStatements(
  { table, trigger, name }: Named,
  translated: CountingTrigger,
  schema: string,
): DdlStatement[] {
  const hash = createHash('sha256').update(`${table.id} ${trigger.name}`).digest('hex').slice(0, 12)
  const fn = quoteQualified(schema, `lockstep_trigger_${hash}`)
  const on = quoteQualified(schema, table.name)
  const body = triggerFunctionBody(translated, hash)
  if (body.includes(tag)) throw new RangeError('its text cannot be quoted')
  const { time, event, columns } = translated
  const of =
    columns === null ? '' : ` OF ${columns.map((column) => named(table, column)).join(', ')}`
  const texts = [
    `CREATE OR REPLACE FUNCTION ${fn}() RETURNS trigger LANGUAGE plpgsql AS ${tag}${body}${tag}`,
    `DROP TRIGGER IF EXISTS ${quote(name)} ON ${on}`,
    `CREATE TRIGGER ${quote(name)} ${time} ${event}${of} ON ${on} FOR EACH ROW EXECUTE FUNCTION ${fn}()`,
  ]
  return texts.map((sql) => ({ sql, table: table.name, object: trigger.name, mayFail: false }))
}

function named(table: Table, column: string): string {
  const found = table.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())
  return quote(found?.name ?? column)
}
