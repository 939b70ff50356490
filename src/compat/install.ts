import { createHash } from 'node:crypto'
import { LockstepError } from '../core/errors.ts'
import { compatFiles, type CompatFile } from './files.ts'
import { compatVersion, migrations, type CompatMigration } from './migrations.ts'

/** What is needed of a PostgreSQL client; a transaction of the caller's is open on it. */
export interface CompatClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Record<string, unknown>[] }>
}

/** What is installed; replaced by tests that play an older or a newer release. */
export interface CompatRelease {
  readonly version: number
  readonly files: readonly CompatFile[]
  readonly migrations: readonly CompatMigration[]
}

/** Held until the transaction ends: two processes that install at once would change one catalog row twice. */
const installLock = 'SELECT pg_advisory_xact_lock(4293, 9)'

/**
 * Makes or brings up to date the schema `sqlite`: SQLite's functions on PostgreSQL. Safe to run again and
 * by several processes; nothing is done where it is up to date. The caller's transaction keeps it whole.
 * @throws LockstepError COMPAT_VERSION where a newer Lockstep has made it
 * @throws LockstepError TARGET_NOT_EMPTY where the schema `sqlite` is someone else's
 */
export async function installCompat(
  client: CompatClient,
  release: CompatRelease = currentRelease(),
): Promise<void> {
  await client.query(installLock)
  const digest = digestOf(release.files)
  const found = await installedVersion(client)
  if (found === 'foreign') throw foreignSchema()
  if (found !== 'none' && found.version > release.version)
    throw newer(found.version, release.version)
  if (found !== 'none' && found.version === release.version && found.digest === digest) return
  if (found === 'none') await client.query(skeleton)
  else await migrate(client, release, found.version)
  for (const file of release.files) await client.query(file.sql)
  await client.query(
    `INSERT INTO sqlite.version (id, version, digest) VALUES (1, $1, $2)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, digest = excluded.digest`,
    [release.version, digest],
  )
}

/**
 * Takes the schema out. What the application has built on its functions (an index, a CHECK) would go with
 * it, so then it stays, and the answer is false.
 */
export async function uninstallCompat(client: CompatClient): Promise<boolean> {
  await client.query(installLock)
  const found = await installedVersion(client)
  if (found === 'none' || found === 'foreign') return true
  const { rows } = await client.query(dependents)
  if (rows.length > 0) return false
  await client.query('DROP SCHEMA sqlite CASCADE')
  return true
}

export function currentRelease(): CompatRelease {
  return { version: compatVersion, files: compatFiles(), migrations }
}

type Installed = 'none' | 'foreign' | { readonly version: number; readonly digest: string }

async function installedVersion(client: CompatClient): Promise<Installed> {
  const { rows } = await client.query(
    `SELECT to_regnamespace('sqlite') IS NOT NULL AS schema, to_regclass('sqlite.version') IS NOT NULL AS ours`,
  )
  const [there] = rows
  if (there?.['schema'] !== true) return 'none'
  if (there['ours'] !== true) return 'foreign'
  const { rows: versions } = await client.query(
    'SELECT version, digest FROM sqlite.version WHERE id = 1',
  )
  const { version, digest } = (versions[0] ?? {}) as { version?: number; digest?: string }
  return { version: version ?? 0, digest: digest ?? '' }
}

async function migrate(client: CompatClient, release: CompatRelease, from: number): Promise<void> {
  const steps = release.migrations
    .filter(({ version }) => version > from && version <= release.version)
    .toSorted((a, b) => a.version - b.version)
  for (const step of steps) await client.query(step.sql)
}

/** A role that reads a view or writes a table with a CHECK needs to find the functions; they hold no data. */
const skeleton = /* sql */ `
  CREATE SCHEMA sqlite;
  GRANT USAGE ON SCHEMA sqlite TO PUBLIC;
  CREATE TABLE sqlite.version (
    id integer PRIMARY KEY CHECK (id = 1), version integer NOT NULL, digest text NOT NULL
  );
  COMMENT ON SCHEMA sqlite IS 'SQLite''s functions, made by Lockstep';
`

/** Objects outside of the schema that use one of its functions or operators. */
const dependents = /* sql */ `
  SELECT 1 FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid AND d.refclassid = 'pg_proc'::regclass
   WHERE p.pronamespace = 'sqlite'::regnamespace AND d.deptype = 'n'
     AND NOT EXISTS (SELECT 1 FROM pg_proc own WHERE d.classid = 'pg_proc'::regclass AND own.oid = d.objid
                       AND own.pronamespace = 'sqlite'::regnamespace)
   LIMIT 1`

function digestOf(files: readonly CompatFile[]): string {
  const hash = createHash('sha256')
  for (const { group, sql } of files) hash.update(`${group}\0${sql}\0`)
  return hash.digest('hex')
}

function newer(found: number, known: number): LockstepError {
  return new LockstepError(
    'COMPAT_VERSION',
    `PostgreSQL has version ${found} of the schema "sqlite", and this Lockstep knows version ${known}: ` +
      'it was brought up to date by a newer release. Update Lockstep in this process too',
    { details: { found, known } },
  )
}

function foreignSchema(): LockstepError {
  return new LockstepError(
    'TARGET_NOT_EMPTY',
    'PostgreSQL has a schema "sqlite" that Lockstep did not make. Rename it: Lockstep needs the name for its functions',
    { details: { schema: 'sqlite' } },
  )
}
