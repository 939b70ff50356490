import Database from 'better-sqlite3'
import type { Connection } from './connection.ts'
import { isInstalled } from './control.ts'

/**
 * Adds an entry to the audit log. It lives in the SQLite file, which every process of the application can
 * write; the caller holds the write lock or does not mind.
 */
export function recordAction(
  db: Connection,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  db.prepare('INSERT INTO _lockstep_audit (at_ms, action, detail) VALUES (?, ?, ?)').run(
    BigInt(Date.now()),
    action,
    JSON.stringify(detail),
  )
}

/** The same for work that may be done again: the log has one entry with this detail. */
export function recordOnce(
  db: Connection,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  const entry = db.prepare('SELECT 1 FROM _lockstep_audit WHERE action = ? AND detail = ?')
  if (entry.get(action, JSON.stringify(detail)) === undefined) recordAction(db, action, detail)
}

/** An entry of the audit log: who did what, and when, in milliseconds since 1970. */
export interface AuditEntry {
  readonly id: number
  readonly atMs: number
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Who wants what, and why. */
export interface AuditedRequest {
  /** The call, such as `flip`. */
  readonly call: string
  readonly actor: string
  readonly reason?: string | undefined
  /** Its arguments; never values of rows. */
  readonly arguments?: Readonly<Record<string, unknown>>
}

/** The newest entries first, from those older than `before` where it is given. */
export function readAudit(
  db: Connection,
  { limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number },
): AuditEntry[] {
  const entries = db.prepare(/* sql */ `
    SELECT id, at_ms AS atMs, action, detail FROM _lockstep_audit WHERE id < ? ORDER BY id DESC LIMIT ?`)
  const rows = entries.safeIntegers(false).all(BigInt(before), BigInt(limit))
  return (rows as RawEntry[]).map(entryOf)
}

type RawEntry = Omit<AuditEntry, 'detail'> & { readonly detail: string }

function entryOf(row: RawEntry): AuditEntry {
  return { ...row, detail: JSON.parse(row.detail) as AuditEntry['detail'] }
}

/** The newest entry of one of the actions, or null. */
export function newestAction(db: Connection, actions: readonly string[]): AuditEntry | null {
  const entry = db.prepare(/* sql */ `
    SELECT id, at_ms AS atMs, action, detail FROM _lockstep_audit
     WHERE action IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1`)
  const row = entry.safeIntegers(false).get(JSON.stringify(actions)) as RawEntry | undefined
  return row === undefined ? null : entryOf(row)
}

/** Whether the log has an entry of this action for the epoch. */
export function hasAction(db: Connection, action: string, epoch: number): boolean {
  const entry = db.prepare(
    `SELECT 1 FROM _lockstep_audit WHERE action = ? AND json_extract(detail, '$.epoch') = ?`,
  )
  return entry.get(action, epoch) !== undefined
}

/** The same in a file that nobody has open, where Lockstep is installed on it. */
export function recordInFile(
  path: string,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  const db = new Database(path, { fileMustExist: true })
  try {
    if (isInstalled(db)) recordAction(db, action, detail)
  } finally {
    db.close()
  }
}
