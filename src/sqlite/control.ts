import { LockstepError } from '../core/errors.ts'
import type { Control, ControlState, PlaceName } from '../place/place.ts'
import type { Connection } from './connection.ts'

/**
 * What the triggers do, kept beside the state so that they decide with one look-up.
 *
 *   capture   SQLite is the primary and open: journal the key
 *   applying  the applier's own transaction: let it through, journal nothing; never seen by anyone else
 *   held      a flip is under way: refuse
 *   moved     PostgreSQL is the primary: refuse
 */
export const gate = { capture: 0, applying: 1, held: 2, moved: 3 } as const

export const controlTables: string = /* sql */ `
  CREATE TABLE IF NOT EXISTS _lockstep_control (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    migration TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    primary_place TEXT NOT NULL CHECK (primary_place IN ('sqlite', 'postgres')),
    state TEXT NOT NULL CHECK (state IN ('open', 'draining', 'committing', 'moved')),
    attempt TEXT NOT NULL,
    deadline_ms INTEGER NOT NULL,
    gate INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    applied_seq INTEGER NOT NULL,
    applied_ticket INTEGER NOT NULL,
    applied_at_ms INTEGER NOT NULL,
    backfilled INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    foreign_keys INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    quarantined INTEGER NOT NULL DEFAULT 0,
    flags TEXT
  );
  CREATE TABLE IF NOT EXISTS _lockstep_journal (seq INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, k0);
  CREATE TABLE IF NOT EXISTS _lockstep_tables (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, unrepaired INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS _lockstep_schema_log (
    version INTEGER PRIMARY KEY, highest INTEGER NOT NULL, step TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS _lockstep_statements (name TEXT PRIMARY KEY, original TEXT NOT NULL, guarded TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS _lockstep_quarantine (
    tbl TEXT NOT NULL, key TEXT NOT NULL, col TEXT, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (tbl, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _lockstep_audit (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
  );
`

/** The row of `_lockstep_control`. */
export interface ControlRow extends Control {
  readonly batch: bigint
  /** Every change up to this journal entry is on PostgreSQL. */
  readonly appliedSeq: bigint
  /** Every PostgreSQL change committed before this ticket was drawn is here. */
  readonly appliedTicket: bigint
  readonly appliedAtMs: number
  readonly backfilled: boolean
  /** Mirroring has ended for good; PostgreSQL goes on alone. */
  readonly completed: boolean
  readonly foreignKeys: boolean
  readonly schemaVersion: number
  /** How many rows have gone to quarantine so far, on either place. */
  readonly quarantined: bigint
}

interface RawControl {
  migration: string
  epoch: bigint
  primary_place: PlaceName
  state: ControlState
  attempt: string
  deadline_ms: bigint
  batch: bigint
  applied_seq: bigint
  applied_ticket: bigint
  applied_at_ms: bigint
  backfilled: bigint
  completed: bigint
  foreign_keys: bigint
  schema_version: bigint
  quarantined: bigint
}

export function isInstalled(db: Connection): boolean {
  return (
    db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_lockstep_control'`).get() !==
      undefined && db.prepare('SELECT 1 FROM _lockstep_control').get() !== undefined
  )
}

/** Reads the control row through one prepared statement: a few microseconds. */
export function controlReader(db: Connection): () => ControlRow {
  const statement = db.prepare('SELECT * FROM _lockstep_control').safeIntegers()
  return () => {
    const raw = statement.get() as RawControl
    return {
      migration: raw.migration,
      epoch: Number(raw.epoch),
      primary: raw.primary_place,
      state: raw.state,
      attempt: raw.attempt,
      deadlineMs: Number(raw.deadline_ms),
      batch: raw.batch,
      appliedSeq: raw.applied_seq,
      appliedTicket: raw.applied_ticket,
      appliedAtMs: Number(raw.applied_at_ms),
      backfilled: raw.backfilled === 1n,
      completed: raw.completed === 1n,
      foreignKeys: raw.foreign_keys === 1n,
      schemaVersion: Number(raw.schema_version),
      quarantined: raw.quarantined,
    }
  }
}

/**
 * Counts rows that went to quarantine, in the transaction that says how far the secondary has come: who finds the
 * count as it was before a write, once the secondary has that write, knows that its rows are there.
 */
export function countQuarantined(db: Connection, rows: number): void {
  if (rows > 0)
    db.prepare('UPDATE _lockstep_control SET quarantined = quarantined + ?').run(BigInt(rows))
}

/** A step of the state machine, taken only where the record still says what the caller saw. */
export interface ControlStep {
  readonly from: Pick<Control, 'epoch' | 'state' | 'attempt'>
  readonly to: Pick<Control, 'epoch' | 'primary' | 'state' | 'attempt' | 'deadlineMs'>
}

/**
 * Takes one step by compare-and-set; false where someone else has moved the record. The caller holds
 * the write lock. The gate follows from the state; where the primary moves both sides are equal.
 */
export function compareAndSetControl(db: Connection, { from, to }: ControlStep): boolean {
  const result = db
    .prepare(/* sql */ `
      UPDATE _lockstep_control
         SET epoch = ?, primary_place = ?, state = ?, attempt = ?, deadline_ms = ?, gate = ?,
             applied_at_ms = CASE WHEN epoch = ? THEN applied_at_ms ELSE ? END
       WHERE epoch = ? AND state = ? AND attempt = ?`)
    .run(
      BigInt(to.epoch),
      to.primary,
      to.state,
      to.attempt,
      BigInt(to.deadlineMs),
      BigInt(gateOf(to)),
      BigInt(to.epoch),
      BigInt(Date.now()),
      BigInt(from.epoch),
      from.state,
      from.attempt,
    )
  return result.changes === 1
}

function gateOf({ primary, state }: Pick<Control, 'primary' | 'state'>): number {
  if (primary === 'postgres') return gate.moved
  return state === 'open' ? gate.capture : gate.held
}

/**
 * Runs `work` with full durability: a step of the control record must survive a power cut, whatever
 * `synchronous` the application chose. https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function durably<T>(db: Connection, work: () => T): T {
  const before = db.pragma('synchronous', { simple: true }) as number
  db.pragma('synchronous = FULL')
  try {
    return db.transaction(work).immediate()
  } finally {
    db.pragma(`synchronous = ${before}`)
  }
}

/**
 * What the triggers do for a change of a row, for a statement that changed none: it may only be said to
 * have found nothing where SQLite is the open primary.
 */
export function createOpenCheck(db: Connection): () => void {
  const read = controlReader(db)
  return () => {
    const { primary, state } = read()
    if (primary === 'sqlite' && state === 'open') return
    throw new LockstepError(
      'SQLITE_CONSTRAINT_TRIGGER',
      `lockstep: this SQLite file takes no writes now: ${primary} is the primary, ${state}`,
    )
  }
}
