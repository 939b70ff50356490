import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import { asOwner, inCatalog, isApplying, lock, type Queryer } from './control.ts'

/**
 * Lets PostgreSQL give keys as SQLite does: from the highest one on, whoever chose it, and one for NULL.
 * Without it a sequence would come to an explicit key later: an error at best, and under ON CONFLICT DO
 * NOTHING a row that is dropped without a word.
 *
 * Its first condition is what every row costs. COPY is slower beside a row trigger, so the first copy goes
 * before. Safe to run again.
 * https://www.sqlite.org/autoinc.html, https://www.postgresql.org/docs/current/sql-createtrigger.html
 */
export async function keepKeysAhead(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  const statements: string[] = []
  for (const table of tables.filter(({ key }) => key.kind !== 'declared')) {
    const column = shippedColumns(table)[keyPositions(table)[0] as number]?.name as string
    const { rows } = await db.query<{ sequence: string | null; startsAt1: boolean | null }>(
      `SELECT sequence, seqmin = 1 AND seqtypid = 'bigint'::regtype AS "startsAt1"
         FROM pg_attribute, pg_get_serial_sequence($1, $2) AS sequence LEFT JOIN pg_sequence ON seqrelid = sequence::regclass
        WHERE attrelid = to_regclass($1) AND attname = $2`,
      [`${quote(schema)}.${quote(table.name)}`, column],
    )
    // A table that was there before Lockstep may have no sequence; then its keys are explicit.
    const { sequence = null, startsAt1 = null } = rows[0] ?? {}
    if (sequence === null) continue
    // Where all keys are negative SQLite goes on below 0, but with AUTOINCREMENT.
    if (startsAt1 === true && !table.autoincrement)
      statements.push(`ALTER SEQUENCE ${sequence} MINVALUE -9223372036854775808`)
    statements.push(...keyStatements(table, schema, column, sequence))
  }
  if (statements.length > 0) await db.query([advance, ...statements].join(';\n'))
}

function keyStatements(table: Table, schema: string, column: string, sequence: string): string[] {
  const name = `lockstep.key_${table.id}`
  const on = `${quote(schema)}.${quote(table.name)}`
  const key = `NEW.${quote(column)}`
  const ids = `${quoteLiteral(sequence)}::pg_catalog.regclass`
  const last = `pg_catalog.pg_sequence_last_value(${ids})`
  // A literal, as a name in it may hold whatever stands between dollars.
  const body = /* sql */ `
    BEGIN
      IF ${key} OPERATOR(pg_catalog.<=) ${last} OR ${isApplying} THEN RETURN NEW; END IF;
      IF ${key} IS NULL THEN
        IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN ${key} := pg_catalog.nextval(${ids}); END IF;
      ELSIF ${key} OPERATOR(pg_catalog.=) (${last} OPERATOR(pg_catalog.+) 1) THEN
        IF pg_catalog.nextval(${ids}) IS NULL THEN RETURN NEW; END IF;
      ELSE
        PERFORM lockstep.advance(${ids}, ${key});
      END IF;
      RETURN NEW;
    END`
  return [
    /* sql */ `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql ${asOwner} AS ${quoteLiteral(body)}`,
    /* sql */ `CREATE OR REPLACE TRIGGER lockstep_key BEFORE INSERT OR UPDATE OF ${quote(column)} ON ${on}
    FOR EACH ROW EXECUTE FUNCTION ${name}()`,
    `ALTER TABLE ${on} ENABLE ALWAYS TRIGGER lockstep_key`,
  ]
}

/**
 * Moves a sequence to a key, and never back. Drawing cannot go back, whoever draws at the same time. To
 * a key far ahead it is set, behind a lock: two that set it could go back otherwise. Nobody draws as many
 * numbers between the look and the setting. A sequence that has given nothing yet is set to a key below 1
 * as well, where its table has no AUTOINCREMENT.
 */
const advance = /* sql */ `CREATE OR REPLACE FUNCTION lockstep.advance(ids regclass, key bigint) RETURNS void LANGUAGE plpgsql ${inCatalog} AS $advance$
  DECLARE
    last bigint := pg_sequence_last_value(ids);
    lowest bigint := (SELECT seqmin FROM pg_sequence WHERE seqrelid = ids);
  BEGIN
    -- Behind the largest key there is none to go on with; SQLite looks for a free one then.
    IF key <= last OR key < lowest OR key = 9223372036854775807 THEN RETURN; END IF;
    IF key::numeric - coalesce(last, 0) BETWEEN 1 AND 100 THEN
      PERFORM nextval(ids) FROM generate_series(coalesce(last, 0) + 1, key);
      RETURN;
    END IF;
    BEGIN
      PERFORM pg_advisory_xact_lock(${lock.sequence});
      PERFORM setval(ids, key) WHERE (key <= pg_sequence_last_value(ids)) IS NOT TRUE;
      RAISE EXCEPTION 'undone' USING ERRCODE = 'LS004';
    EXCEPTION WHEN SQLSTATE 'LS004' THEN
      -- Undone, this block lets go of the lock at once; what a sequence was set to stays.
      NULL;
    END;
  END $advance$`
