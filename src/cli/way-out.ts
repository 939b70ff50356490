import type { LockstepCode } from '../core/errors.ts'

/** What to do next, for every code; docs/errors.md has the long form. */
const WAYS: Record<LockstepCode, string> = {
  ACK_UNCONFIRMED: 'the primary has committed; see `lockstep status` for why the secondary lags',
  BACKFILL_INCOMPLETE: 'run `lockstep backfill` to its end, then try again',
  BACKFILL_IN_PROGRESS:
    'wait for the backfill that is under way, or end its process and run it again',
  CAUGHT_UP_TIMEOUT:
    'see that an applier runs, and what it reports; `lockstep ready` has the gates',
  CLOSED: 'open Lockstep again',
  COMPAT_VERSION: 'update Lockstep in this process too',
  CONFIG_INVALID: 'correct the configuration; `lockstep init` writes a commented one',
  FLAGS_INVALID: 'correct the flags; the last good ones stay in force until then',
  FLIP_CANCELLED: 'nothing has moved; try again when load is lower, or raise --pause-budget-ms',
  FLIP_IN_PROGRESS: 'wait for the flip that is under way; `lockstep status` shows it',
  GATE_REFUSED: 'see `lockstep ready` for the gates; --force goes on regardless and is recorded',
  NOT_INSTALLED: 'run `lockstep install` first',
  NOT_WAL: 'run `PRAGMA journal_mode = WAL` on the SQLite file once',
  PAIR_MISMATCH: 'these two databases do not belong together; check both paths and URLs',
  POSTGRES_ERROR: 'see the message; the server log has more',
  POSTGRES_NO_DATABASE: 'create the database, or correct DATABASE_URL',
  POSTGRES_UNREACHABLE: 'check DATABASE_URL or the PG* variables, and that the server is up',
  PRIMARY_REWOUND: 'put the file of today back, or see docs/what-if.md about an old backup',
  SCHEMA_DRIFT: 'make the same change on PostgreSQL, then run `lockstep install` again',
  SCHEMA_UNSUPPORTED: 'decide on the construct that the message names',
  SERIALIZATION_FAILED: 'run the transaction again; it met another one too often',
  SQL_UNSUPPORTED: 'write the construct that the message names in another way',
  TARGET_NOT_EMPTY: 'empty the PostgreSQL tables that the message names, or use another schema',
  WRITE_QUEUE_FULL: 'slow down the writes during a flip, or raise writes.maxHeld',
  WRITE_TIMEOUT: 'the write did not happen; see `lockstep status`, then try again',
}

export function wayOut(code: string): string | null {
  if (Object.hasOwn(WAYS, code)) return WAYS[code as LockstepCode]
  if (code.startsWith('SQLITE_BUSY')) return 'another process holds the SQLite file; try again'
  if (code === 'SQLITE_CANTOPEN') return 'check sqlite.path or LOCKSTEP_SQLITE, and its rights'
  return code === 'USAGE' ? 'see `lockstep --help`' : null
}
