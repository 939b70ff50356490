import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { asOwner, isApplying } from './control.ts'

/**
 * The triggers that journal changed keys on PostgreSQL: one AFTER STATEMENT trigger per event, reading
 * its transition tables, and one BEFORE STATEMENT guard that is the fence.
 *
 * Rules, kept by test/contract/postgres-capture.test.ts:
 * - A statement that changes many rows journals them with one INSERT; upserts, cascades, COPY and
 *   data-modifying CTEs fire these triggers too. TRUNCATE has no transition table, so its keys are
 *   journaled before it runs, under the lock that it holds.
 * - No NOTIFY: it would make commits wait for each other.
 * - No WHEN: the server reads the text form of a condition anew for every statement, which costs several
 *   times what the function costs that finds that it has nothing to do (docs/decisions/007).
 * https://www.postgresql.org/docs/current/sql-createtrigger.html
 */
export function captureStatements(table: Table, schema: string): string[] {
  const on = `${quote(schema)}.${quote(table.name)}`
  const keys = `ARRAY[${table.key.columns.map((column) => `${quote(column)}::pg_catalog.text`).join(', ')}]`
  const select = (rows: string): string => `SELECT ${table.id}, ${keys} FROM ${rows}`
  return [
    ...dropCaptureStatements(table, schema),
    captureFunction(table, 'insert', select('new_rows')),
    captureFunction(table, 'update', `${select('old_rows')} UNION ${select('new_rows')}`),
    captureFunction(table, 'delete', select('old_rows')),
    captureFunction(table, 'truncate', select(on)),
    /* sql */ `CREATE TRIGGER lockstep_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${on}
      FOR EACH STATEMENT EXECUTE FUNCTION lockstep.guard()`,
    trigger(table, on, 'insert', 'AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows'),
    trigger(
      table,
      on,
      'update',
      'AFTER UPDATE',
      'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows',
    ),
    trigger(table, on, 'delete', 'AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows'),
    trigger(table, on, 'truncate', 'BEFORE TRUNCATE', ''),
    enableAlways(on),
  ]
}

/** In a session of the role `replica` too, which a role or a restore may have set: no writer escapes. */
function enableAlways(on: string): string {
  const enabled = ['guard', ...events].map((name) => `ENABLE ALWAYS TRIGGER lockstep_${name}`)
  return `ALTER TABLE ${on} ${enabled.join(', ')}`
}

const events = ['insert', 'update', 'delete', 'truncate'] as const

export function dropCaptureStatements(table: Table, schema: string): string[] {
  const on = `${quote(schema)}.${quote(table.name)}`
  return [
    `DROP TRIGGER IF EXISTS lockstep_guard ON ${on}`,
    ...events.map((event) => `DROP TRIGGER IF EXISTS lockstep_${event} ON ${on}`),
  ]
}

function captureFunction(table: Table, event: (typeof events)[number], select: string): string {
  // A literal, as a name in it may hold whatever stands between dollars.
  const body = /* sql */ `
    BEGIN
      IF ${isApplying} THEN RETURN NULL; END IF;
      INSERT INTO lockstep.journal (tbl, key) ${select};
      RETURN NULL;
    END`
  return /* sql */ `
    CREATE OR REPLACE FUNCTION lockstep.capture_${table.id}_${event}() RETURNS trigger
    LANGUAGE plpgsql ${asOwner} ${keySettings(table)} AS ${quoteLiteral(body)}`
}

/** What a session has set must not decide how a key is spelled: the applier reads these forms. */
function keySettings(table: Table): string {
  const types = new Set(keyPositions(table).map((at) => shippedColumns(table)[at]?.postgresType))
  const settings: string[] = []
  if (types.has('bytea')) settings.push('SET bytea_output = hex')
  if (types.has('double precision')) settings.push('SET extra_float_digits = 1')
  const hasTimes = Array.from(types).some((type) => type?.startsWith('timestamptz') === true)
  if (hasTimes || types.has('date')) settings.push('SET DateStyle = ISO')
  if (hasTimes) settings.push('SET TimeZone = UTC')
  return settings.join(' ')
}

function trigger(
  table: Table,
  on: string,
  event: string,
  when: string,
  referencing: string,
): string {
  return /* sql */ `CREATE TRIGGER lockstep_${event} ${when} ON ${on} ${referencing}
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.capture_${table.id}_${event}()`
}
