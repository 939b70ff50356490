import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { Control, ControlState, PlaceName } from '../place/place.ts'
import { stateOf } from './errors.ts'

/** Advisory locks; their first half is the same for nearly all of Lockstep's. */
export const lock = {
  /** Shared by every transaction that writes to the primary; exclusive: wait until they have ended. */
  writers: '4293, 1',
  /** Held by the session that applies. */
  leader: '4293, 2',
  /** Shared by every batch; exclusive: no batch may come between two snapshots. */
  align: '4293, 3',
  /** Held by the session that flips or recovers a flip. */
  flip: '4293, 4',
  /** Held by the session that runs the backfill. */
  backfill: '4293, 5',
  /** Shared by every writing transaction; exclusive: one that lost too often runs alone. */
  alone: '4293, 6',
  /** Held while one statement compacts the journal. */
  compaction: '4293, 7',
  /** Held by a flip, and by who writes the flag `primary` after one: no flip comes between a look and that write. */
  flag: '4293, 8',
  /** Held for a moment by whoever sets a sequence ahead. */
  sequence: '4293, 8',
  /** The first half of the locks of those who make a key or an index; the other half is a hash of its name. */
  makingClass: '4294',
  // '4293, 9' is held by whoever installs the functions of schema `sqlite`.
} as const

/**
 * Lets the transaction that it is part of wait for the disk, whatever the server's default is: the other
 * place acts on what it has committed. https://www.postgresql.org/docs/current/wal-async-commit.html
 */
export const durably = `CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END`

/**
 * For functions that triggers run: a role that may write a table needs no right on Lockstep's schema.
 * Their bodies name the schema of everything, operators too, so that no search_path can slip in another;
 * to set one would cost as much as the rest of the function. `IS DISTINCT FROM` has no such form.
 * https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
 */
export const asOwner = 'SECURITY DEFINER'

/** Whether a setting of Lockstep's is on in this transaction; never NULL. */
const isOn = (setting: 'applying' | 'entered'): string =>
  `COALESCE(pg_catalog.current_setting('lockstep.${setting}', true) OPERATOR(pg_catalog.=) 'on', false)`

/** Whether this transaction is one of the applier's, whose writes are neither fenced nor journaled. */
export const isApplying: string = isOn('applying')

/** For functions that run seldom, and need not name the schema of everything. */
export const inCatalog = 'SET search_path = pg_catalog, pg_temp'

/**
 * How far a backfill has come, and how fast it may go.
 *
 * `ranges` are the parts of a table, in the order of their keys without a gap in between: each is here before any
 * row of it is copied, and `copied` changes in the transaction that copies them.
 */
export const backfillTables: string = /* sql */ `
  CREATE TABLE IF NOT EXISTS lockstep.ranges (
    tbl integer NOT NULL REFERENCES lockstep.tables ON DELETE CASCADE, number integer NOT NULL, after text[], up_to text[],
    rows bigint NOT NULL DEFAULT 0, copied boolean NOT NULL DEFAULT false, PRIMARY KEY (tbl, number)
  );
  CREATE TABLE IF NOT EXISTS lockstep.throttle (
    id integer PRIMARY KEY CHECK (id = 1), percent integer NOT NULL CHECK (percent BETWEEN 0 AND 100)
  );
`

/**
 * Everything of Lockstep's own on PostgreSQL.
 *
 * The fence is a sequence: twice the epoch, plus one while PostgreSQL takes writes. No snapshot holds a
 * sequence's value back, so a SERIALIZABLE transaction that began before the fence went up meets it all
 * the same; and one that slept from one reign of PostgreSQL into the next is found by its old epoch.
 */
export const controlSchema: string = /* sql */ `
  CREATE SCHEMA IF NOT EXISTS lockstep;
  CREATE TABLE IF NOT EXISTS lockstep.control (
    id integer PRIMARY KEY CHECK (id = 1),
    migration text NOT NULL,
    epoch bigint NOT NULL,
    primary_place text NOT NULL CHECK (primary_place IN ('sqlite', 'postgres')),
    state text NOT NULL CHECK (state IN ('open', 'draining', 'committing', 'moved')),
    attempt text NOT NULL,
    deadline_ms bigint NOT NULL,
    batch bigint NOT NULL,
    applied_seq bigint NOT NULL DEFAULT 0,
    backfill text NOT NULL
  ) WITH (fillfactor = 10);
  CREATE SEQUENCE IF NOT EXISTS lockstep.fence MINVALUE 0 START 0;
  CREATE SEQUENCE IF NOT EXISTS lockstep.ticket;
  CREATE TABLE IF NOT EXISTS lockstep.journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tbl integer NOT NULL, key text[] NOT NULL
  );
  CREATE TABLE IF NOT EXISTS lockstep.tables (
    id integer PRIMARY KEY, name text NOT NULL, model jsonb NOT NULL,
    copied_rows bigint NOT NULL DEFAULT 0, copied boolean NOT NULL DEFAULT false
  );
  ${backfillTables}
  CREATE TABLE IF NOT EXISTS lockstep.quarantine (
    tbl text NOT NULL, key text NOT NULL, col text, reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tbl, key)
  );
  CREATE TABLE IF NOT EXISTS lockstep.schema_log (
    version bigint PRIMARY KEY, highest integer NOT NULL, step jsonb NOT NULL, deferred boolean NOT NULL DEFAULT false
  );
  CREATE TABLE IF NOT EXISTS lockstep.disabled_triggers (tbl text NOT NULL, name text NOT NULL, PRIMARY KEY (tbl, name));

  -- Conditions are expressions, which cost a tenth of what PERFORM costs: that runs a query.
  CREATE OR REPLACE FUNCTION lockstep.guard() RETURNS trigger LANGUAGE plpgsql ${asOwner} AS $$
  BEGIN
    IF NOT ${isApplying} AND lockstep.enter() IS NULL THEN RETURN NULL; END IF;
    RETURN NULL;
  END $$;

  CREATE OR REPLACE FUNCTION lockstep.enter() RETURNS void LANGUAGE plpgsql AS $$
  DECLARE fence pg_catalog.int8;
  BEGIN
    -- Who has passed holds the locks until it ends, and whoever closes the fence waits for that.
    IF ${isOn('entered')} THEN RETURN; END IF;
    -- In this order: who waits for the one that runs alone must not hold up a flip.
    IF pg_catalog.pg_advisory_xact_lock_shared(${lock.alone}) IS NULL
      OR pg_catalog.pg_advisory_xact_lock_shared(${lock.writers}) IS NULL THEN RETURN; END IF;
    -- NULL before the fence was ever open.
    fence := pg_catalog.pg_sequence_last_value('lockstep.fence'::pg_catalog.regclass);
    IF fence IS NULL OR (fence OPERATOR(pg_catalog.%) 2) OPERATOR(pg_catalog.<>) 1 THEN
      RAISE EXCEPTION 'lockstep: PostgreSQL does not take writes now'
        USING ERRCODE = 'LS001', DETAIL = 'It is not the primary, or a flip is under way.',
              HINT = 'SELECT primary_place, state FROM lockstep.control tells which; write to the primary, or try again.';
    END IF;
    -- READ COMMITTED sees the newest record at every statement, so there is nothing to find.
    IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.<>) 'read committed' THEN
      IF (fence OPERATOR(pg_catalog./) 2) OPERATOR(pg_catalog.<>)
          (SELECT epoch FROM lockstep.control WHERE id OPERATOR(pg_catalog.=) 1) THEN
        RAISE EXCEPTION 'lockstep: this transaction began before the primary moved'
          USING ERRCODE = '40001', HINT = 'Run the transaction again.';
      END IF;
    END IF;
    IF pg_catalog.set_config('lockstep.entered', 'on', true) IS NULL THEN RETURN; END IF;
  END $$;

  CREATE OR REPLACE FUNCTION lockstep.begin_batch(expected bigint, at_epoch bigint, newest_seq bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('lockstep.applying', 'on', true), ${durably};
    PERFORM pg_advisory_xact_lock_shared(${lock.align});
    UPDATE lockstep.control SET batch = batch + 1, applied_seq = newest_seq
     WHERE id = 1 AND batch = expected AND epoch = at_epoch AND primary_place = 'sqlite' AND applied_seq <= newest_seq;
    IF NOT FOUND THEN
      IF EXISTS (SELECT FROM lockstep.control WHERE id = 1 AND batch = expected AND epoch = at_epoch AND applied_seq > newest_seq) THEN
        RAISE EXCEPTION 'lockstep: the SQLite file is older than what PostgreSQL has of it' USING ERRCODE = 'LS003';
      END IF;
      RAISE EXCEPTION 'lockstep: batch % of epoch % came too late', expected, at_epoch USING ERRCODE = 'LS002';
    END IF;
  END $$;
`

/** The row of `lockstep.control`. */
export interface PostgresControl extends Control {
  readonly batch: bigint
  /** How far the first copy has come; `done` when PostgreSQL has been equal once. */
  readonly backfill: BackfillPhase
  readonly fenceOpen: boolean
  /** The newest journal entry that SQLite had when a batch of it was last applied. */
  readonly appliedSeq: bigint
}

export type BackfillPhase = 'none' | 'copy' | 'keys' | 'catch-up' | 'indexes' | 'sequences' | 'done'

export interface Queryer {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>
}

interface RawControl {
  migration: string
  epoch: string
  primary_place: PlaceName
  state: ControlState
  attempt: string
  deadline_ms: string
  batch: string
  backfill: BackfillPhase
  applied_seq: string
  fence: string
}

/** The server processes of the sessions and transactions that have an advisory lock, in whichever mode. */
export async function lockHolders(db: Queryer, key: string): Promise<number[]> {
  const { rows } = await db.query<{ pid: number }>(/* sql */ `
    SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
       AND (classid, objid) = (${key}) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     ORDER BY pid`)
  return rows.map(({ pid }) => pid)
}

/** @throws LockstepError NOT_INSTALLED */
export async function readControl(db: Queryer): Promise<PostgresControl> {
  const raw = await findControl(db)
  if (raw === undefined) {
    throw new LockstepError(
      'NOT_INSTALLED',
      'Lockstep is not installed on this PostgreSQL database: run `lockstep install` (db.install())',
    )
  }
  return raw
}

/** The control row, or undefined before install. */
export async function findControl(db: Queryer): Promise<PostgresControl | undefined> {
  try {
    const { rows } = await db.query<RawControl>(
      'SELECT c.*, f.last_value AS fence FROM lockstep.control c, lockstep.fence f',
    )
    return rows[0] === undefined ? undefined : parse(rows[0])
  } catch (error) {
    if (stateOf(error) === '42P01' || stateOf(error) === '3F000') return undefined
    throw error
  }
}

function parse(raw: RawControl): PostgresControl {
  return {
    migration: raw.migration,
    epoch: Number(raw.epoch),
    primary: raw.primary_place,
    state: raw.state,
    attempt: raw.attempt,
    deadlineMs: Number(raw.deadline_ms),
    batch: BigInt(raw.batch),
    backfill: raw.backfill,
    appliedSeq: BigInt(raw.applied_seq),
    fenceOpen: BigInt(raw.fence) % 2n === 1n,
  }
}

export interface ControlStep {
  readonly from: Pick<Control, 'epoch' | 'state' | 'attempt'>
  readonly to: Pick<Control, 'epoch' | 'primary' | 'state' | 'attempt' | 'deadlineMs'>
}

/**
 * Takes one step by compare-and-set; false where someone else has moved the record. A step that closes
 * the fence closes it here, at once. One that opens it does not: call `mendFence` after its commit, as a
 * sequence shows its new value before the transaction that set it has committed, and if it never does.
 */
export async function compareAndSetControl(
  db: Queryer,
  { from, to }: ControlStep,
): Promise<boolean> {
  const { rowCount } = await db.query(
    /* sql */ `
    WITH step AS (
      UPDATE lockstep.control
         SET epoch = $1, primary_place = $2, state = $3, attempt = $4, deadline_ms = $5, batch = batch + 1
       WHERE id = 1 AND epoch = $6 AND state = $7 AND attempt = $8
      RETURNING primary_place, state, epoch
    )
    SELECT CASE WHEN primary_place = 'postgres' AND state = 'open' THEN 0
                ELSE setval('lockstep.fence', 2 * epoch) END, ${durably} FROM step`,
    [
      to.epoch,
      to.primary,
      to.state,
      to.attempt,
      to.deadlineMs,
      from.epoch,
      from.state,
      from.attempt,
    ],
  )
  return rowCount === 1
}

/** Closes the fence of an epoch that is over, whatever its record says; who has it in hand goes on from there. */
export async function closeFence(db: Queryer, { epoch }: Pick<Control, 'epoch'>): Promise<void> {
  await db.query('SELECT setval($1, $2)', ['lockstep.fence', 2 * epoch])
}

/**
 * Puts the fence where the control record says it is, under the record's row lock, so that no step can
 * come in between.
 */
export async function mendFence(db: Queryer): Promise<void> {
  await db.query(/* sql */ `
    SELECT setval('lockstep.fence', 2 * epoch + CASE WHEN primary_place = 'postgres' AND state = 'open' THEN 1 ELSE 0 END)
      FROM (SELECT primary_place, state, epoch FROM lockstep.control WHERE id = 1 FOR UPDATE) AS control`)
}
