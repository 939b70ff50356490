import type { Gate } from '../api.ts'
import type { LockstepCode } from '../core/errors.ts'

/** What to do next, for every code; docs/errors.md has the long form. */
const WAYS: Record<LockstepCode, string> = {
  ACK_UNCONFIRMED: 'the primary has committed; see `lockstep status` for why the secondary lags',
  ALIGN_TIMEOUT:
    'try again when the batch or the verify that the message names has ended; where its process hangs, end it',
  BACKFILL_INCOMPLETE: 'run `lockstep backfill` to its end, then try again',
  BACKFILL_IN_PROGRESS:
    'wait for the backfill that is under way; where its process has ended, run `lockstep backfill` again',
  BACKUP_INVALID: 'choose another backup, or copy it again, with its manifest beside it',
  BACKUP_TIMEOUT: 'try again when load is lower, or raise --timeout-s',
  CAUGHT_UP_TIMEOUT:
    'see that an applier runs, and what it reports; `lockstep ready` has the gates',
  CLOSED: 'open Lockstep again',
  COMPAT_VERSION: 'update Lockstep in this process too',
  CONFIG_INVALID: 'correct the configuration; `lockstep init` writes a commented one',
  DIVERGENCE_UNKNOWN: 'look for its id with `lockstep divergences`',
  FILE_EXISTS: 'choose another name, or move what is there away',
  FILE_IN_USE: 'stop the application and every other process that uses the file, then try again',
  FILE_UNWRITABLE: 'see that the folder is there, is writable for this user, and has room',
  FLAGS_INVALID:
    'correct the flags (`lockstep init` writes a file where there is none); what runs keeps the last good ones',
  FLIP_CANCELLED: 'nothing has moved; try again when load is lower, or raise --pause-budget-ms',
  FLIP_IN_PROGRESS: 'wait for the flip that is under way; `lockstep status` shows it',
  GATE_REFUSED: 'do as the message says; `lockstep ready` lists the gates',
  NOT_INSTALLED: 'run the command that the message names, then try again',
  NOT_WAL: 'run `PRAGMA journal_mode = WAL` on the SQLite file once',
  OVERRIDE_INVALID:
    'correct or remove the override; docs/guides/overrides.md says how one is written',
  PAIR_MISMATCH:
    'these two databases do not belong together; check both paths and URLs, and see docs/what-if.md',
  PG_DUMP_FAILED: 'see the message; without --postgres the SQLite file alone is backed up',
  POSTGRES_DENIED:
    'connect as a user who may create a schema in the database and owns the tables there (GRANT CREATE ON DATABASE ... TO ...)',
  POSTGRES_ERROR: 'see the message; the server log has more',
  POSTGRES_NO_DATABASE: 'create the database, or correct DATABASE_URL',
  POSTGRES_UNREACHABLE: 'check DATABASE_URL or the PG* variables, and that the server is up',
  POSTGRES_UNSUITABLE: 'use a database that has what the message names',
  PRIMARY_REWOUND: 'put the file of today back, or see docs/what-if.md about an old backup',
  ROWID_UNKNOWN: 'ask for the key of the row instead, with RETURNING',
  SCHEMA_DRIFT: 'do as the message says; docs/what-if.md, "The schema has changed", has each case',
  SCHEMA_UNSUPPORTED: 'decide on the construct that the message names',
  SERIALIZATION_FAILED: 'run the transaction again; it met another one too often',
  SQL_UNSUPPORTED: 'write the construct that the message names in another way',
  STATEMENT_UNKNOWN: 'Run `lockstep statements` for the fingerprints of those that have been seen',
  SYNC_UNAVAILABLE: 'use the asynchronous calls there, or set the flags back',
  TABLE_UNKNOWN:
    'name one of the tables that the message lists; `lockstep install` takes in one that was made since',
  TARGET_NOT_EMPTY: 'empty the PostgreSQL tables that the message names, or use another schema',
  TRANSACTION_TIMEOUT: 'end the transaction sooner, or raise writes.maxTransactionIdleMs',
  WRITE_QUEUE_FULL: 'slow down the writes during a flip, or raise writes.maxHeld',
  WRITE_TIMEOUT: 'the write did not happen; see `lockstep status`, then try again',
}

const SQLITE_WAYS: Readonly<Record<string, string>> = {
  SQLITE_CANTOPEN: 'check sqlite.path or LOCKSTEP_SQLITE, and its rights',
  SQLITE_CORRUPT:
    '`REINDEX` where the message says so; else recover the file with `sqlite3 FILE .recover`, or restore a backup',
  SQLITE_IOERR: 'the disk, or a bound of the system (ulimit -f), failed a write or a read',
  SQLITE_FULL: 'make room on the disk that the message names; nothing of the write happened',
  SQLITE_NOTADB: 'check sqlite.path or LOCKSTEP_SQLITE: it names a file that SQLite did not write',
  SQLITE_TOOBIG: 'shorten the value, or drop the index that it is in',
  SQLITE_READONLY: 'make the file and its folder writable for this user',
}

/** The gates of `ready`, by name. */
const GATE_WAYS: Readonly<Record<string, string>> = {
  postgres: 'see that the server is up, and check DATABASE_URL or the PG* variables',
  mirror: '`lockstep flags set mirror=true`',
  backfill: 'run `lockstep backfill` to its end',
  schema: 'make both schemas fit again: docs/what-if.md, "The schema has changed"',
  lag: 'see that an applier runs, in the application or as `lockstep run`, mend what it stands still of, and wait for it',
  quarantine:
    'mend the rows that lockstep.quarantine (_lockstep_quarantine in SQLite) names: docs/what-if.md, "Quarantine is not empty"',
  triggers: 'make a trigger of the same name on the PostgreSQL table, or drop it from SQLite',
  indexes:
    'make a unique index of the same name on the PostgreSQL table, which refuses the same rows, or drop it from SQLite',
  foreignKeys:
    'give both columns one type (`columns` in the configuration), and the parent a primary key or unique index on its own',
  orphans: 'mend the rows that `PRAGMA foreign_key_check` names',
  generated: 'make them plain columns that the application fills',
  verify: 'run `lockstep verify`, all of it; mend what it finds with `lockstep repair`',
  backup: 'run `lockstep backup FILE`',
  divergences: 'look at `lockstep divergences`; repair them, or ignore what does not matter',
  writes:
    'look at `lockstep divergences`; mend PostgreSQL or give an override, then `lockstep divergences repair ID`',
  statements:
    'write them in another way, or give them a form: `lockstep statements --translation refused`, docs/guides/overrides.md',
  comparisons: 'raise shadow.sample and wait, or lower gates.minComparisons',
  rehearsals: 'raise shadow.rehearse and wait, or lower gates.minRehearsals',
  errors: 'see why PostgreSQL fails reads: `fallback` events, and the log of the server',
  p99: 'see which statements are slow: `lockstep statements --sort slowest`',
}

export function wayOutOfGate(name: string): string {
  return GATE_WAYS[name] ?? 'see `lockstep ready`'
}

/** What to do about a failure; of gates that do not hold, each one's own way comes before `--force`. */
export function wayOut(
  code: string,
  details: Readonly<Record<string, unknown>> = {},
): string | null {
  const { gates } = details
  if (Array.isArray(gates)) {
    const ways = (gates as Gate[]).map(({ name }) => `${name}: ${wayOutOfGate(name)}`)
    if (details['step'] === 'advance') return ways.join('; ')
    return `${ways.join('; ')}; or --force, which goes on regardless and is recorded`
  }
  if (Object.hasOwn(WAYS, code)) return WAYS[code as LockstepCode]
  if (code.startsWith('SQLITE_BUSY')) return 'another process holds the SQLite file; try again'
  if (Object.hasOwn(SQLITE_WAYS, code)) return SQLITE_WAYS[code] ?? null
  if (code === 'STOPPED')
    return 'run the command again; a backfill goes on where it was stopped, and a verify with --resume'
  return code === 'USAGE' ? 'see `lockstep --help`' : null
}
