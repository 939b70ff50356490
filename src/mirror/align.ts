import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import { lock, lockHolders } from '../postgres/control.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { stateOf } from '../postgres/errors.ts'
import { PostgresSession } from '../postgres/session.ts'
import type { PostgresSnapshot } from '../postgres/source.ts'
import { quoteLiteral } from '../schema/quote.ts'
import type { Connection, SqliteFile } from '../sqlite/connection.ts'
import { SqliteSnapshot } from '../sqlite/source.ts'
import { isTwin, type Twin } from '../sqlite/twin.ts'
import type { PlaceName, SourceSnapshot } from '../place/place.ts'
import type { Shipper } from './shipper.ts'

/** One open read snapshot on each side, known to hold the same state. */
export interface AlignedSnapshots {
  readonly sqlite: Connection
  readonly postgres: pg.Client
  /** Whether the snapshot of the twin holds that state as well. */
  readonly hasTwin: boolean
  release(): Promise<void>
}

export interface AlignOptions {
  readonly server: PostgresServer
  readonly file: SqliteFile
  readonly createShipper: (session: PostgresSession, twin?: Twin) => Shipper
}

/** For how long to wait for a batch that is under way elsewhere. */
const alignTimeoutMs = 10_000
/** A write of another process between the two makes the twin's snapshot another one; after so many tries it is left so. */
const twinAttempts = 3

/**
 * Opens aligned snapshots, in any process. While the `align` lock is held no batch can commit, so after
 * one complete batch of our own nothing comes between the two snapshots: the secondary changes through
 * batches alone. Writers of the primary never wait for it.
 * @param twin of SQLite's snapshot, where more than one thread is to read it
 * @throws LockstepError ALIGN_TIMEOUT naming who holds the batches or an alignment of its own
 */
export async function align(
  primary: PlaceName,
  options: AlignOptions,
  twin?: Twin,
): Promise<AlignedSnapshots> {
  const session = new PostgresSession(options.server)
  const shipper = options.createShipper(session, twin)
  const releasers: Releaser[] = [() => session.drop(), () => shipper.close()]
  const release = async (): Promise<void> => {
    for (const each of releasers.splice(0).toReversed()) {
      try {
        await each()
      } catch {
        // A connection that is gone holds nothing any more, and nothing else is to stay open because of it.
      }
    }
  }
  try {
    const client = await session.client()
    await client.query(`SET lock_timeout = ${alignTimeoutMs}`)
    await client.query(`SELECT pg_advisory_lock(${lock.align})`).catch(async (error: unknown) => {
      throw stateOf(error) === lockTimeout
        ? heldUp(await lockHolders(client, lock.align), error)
        : error
    })
    const held = await shipAndHold(shipper, primary, twin !== undefined)
    releasers.push(() => held.close())
    const secondary = await options.server.connect()
    releasers.push(() => secondary.end())
    const ofSqlite =
      held instanceof SqliteSnapshot
        ? await besidePostgres(secondary, held)
        : await besideSqlite(secondary, held as PostgresSnapshot, options.file, releasers, twin)
    // The lock goes by query where the session must live on for its snapshot.
    await client.query(`SELECT pg_advisory_unlock(${lock.align})`)
    return { ...ofSqlite, postgres: secondary, release }
  } catch (error) {
    await release()
    throw error
  }
}

type Releaser = () => Promise<void> | void
type OfSqlite = Pick<AlignedSnapshots, 'sqlite' | 'hasTwin'>

async function shipAndHold(
  shipper: Shipper,
  primary: PlaceName,
  wantsTwin: boolean,
): Promise<SourceSnapshot> {
  for (let attempt = 1; ; attempt++) {
    const held = await shipper.shipAndHold(primary)
    const isAlone = held instanceof SqliteSnapshot && wantsTwin && !held.hasTwin
    if (!isAlone || attempt === twinAttempts) return held
    await held.close()
  }
}

const lockTimeout = '55P03'

function heldUp(pids: readonly number[], cause: unknown): LockstepError {
  const held =
    pids.length === 0 ? 'is gone by now' : `is PostgreSQL's connection ${pids.join(' and ')}`
  return new LockstepError(
    'ALIGN_TIMEOUT',
    `The places could not be held at one state in ${alignTimeoutMs} ms: who holds the batches ${held}. It is a batch, ` +
      'or another verify that still catches up. Try again when it has ended; where its process hangs, end that, or its ' +
      'connection with pg_terminate_backend. Nothing was changed',
    { details: { pids, timeoutMs: alignTimeoutMs }, cause },
  )
}

async function besidePostgres(client: pg.Client, held: SqliteSnapshot): Promise<OfSqlite> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await client.query('SELECT 1')
  return { sqlite: held.db, hasTwin: held.hasTwin }
}

/** The snapshot goes on in a connection of its own, as that of the applier takes no COPY. */
async function besideSqlite(
  client: pg.Client,
  held: PostgresSnapshot,
  file: SqliteFile,
  releasers: Releaser[],
  twin: Twin | undefined,
): Promise<OfSqlite> {
  const reader = file.openReader()
  releasers.push(() => void reader.close())
  reader.exec('BEGIN')
  reader.prepare('SELECT 1 FROM sqlite_schema').get()
  const hasTwin = twin !== undefined && isTwin(reader, twin.begin())
  const { rows } = await held.client.query<{ id: string }>('SELECT pg_export_snapshot() AS id')
  const { id } = rows[0] as { id: string }
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await client.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(id)}`)
  await held.close()
  return { sqlite: reader, hasTwin }
}
