import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serverIdentity } from '../../src/demo/server-identity.ts'
import { openPair } from '../support/pair.ts'

/** Some 4 MB, of which the index is as many again. */
const schema = `CREATE TABLE texts (id INTEGER PRIMARY KEY, t TEXT UNIQUE);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 8000)
  INSERT INTO texts SELECT i, i || hex(randomblob(200)) FROM c`

/** A disk of its own, in memory; undefined where this user may mount none, or the server runs elsewhere. */
async function mountDisk(): Promise<{ path: string; resize(mib: number): void } | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const path = mkdtempSync(join(tmpdir(), 'lockstep-disk-'))
  const { uid = 0, gid = 0 } = await serverIdentity()
  const mount = (...options: string[]): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', path], {
      stdio: 'pipe',
    })
  try {
    mount('size=2m', `uid=${uid}`, `gid=${gid}`, 'mode=700')
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  chmodSync(path, 0o700)
  return { path, resize: (mib) => mount('remount', `size=${mib}m`) }
}

test('a full disk of PostgreSQL stops a backfill, in the copy and in an index, which says so, and the next one goes on', async () => {
  const disk = await mountDisk()
  if (disk === undefined) {
    process.stderr.write(
      'No disk can be mounted here: that a full one is outlived was not tried.\n',
    )
    return
  }
  const space = `small_${Date.now()}`
  const pair = await openPair({
    schema,
    stage: 'installed',
    options: { backfill: { rowsPerRange: 500 } },
  })
  try {
    await pair.pg.query(`CREATE TABLESPACE ${space} LOCATION '${disk.path}'`)
    const [name] = await pair.pgRows('SELECT current_database()')
    await pair.pg.query(`ALTER DATABASE ${String(name?.[0])} SET default_tablespace = ${space}`)
    await pair.db.applySchema()
    await pair.pg.query(`ALTER TABLE texts SET TABLESPACE ${space}`)
    const full = {
      name: 'LockstepError',
      code: 'SQLITE_FULL',
      message: expect.stringContaining('No space left on device') as string,
    }
    await expect(pair.db.backfill()).rejects.toMatchObject(full)
    const copied = await pair.pgRows('SELECT id, ctid, xmin FROM texts ORDER BY id')
    expect(copied.length).toBeGreaterThan(0)
    expect(copied.length).toBeLessThan(8000)
    disk.resize(6)
    await expect(pair.db.backfill()).rejects.toMatchObject(full)
    disk.resize(30)
    expect(await pair.db.backfill()).toMatchObject({ tables: [{ rows: 8000, quarantined: 0 }] })
    expect(await pair.differences()).toEqual([])
    // What had arrived was not copied again.
    const last = (copied.at(-1) as string[])[0]
    const kept = `SELECT id, ctid, xmin FROM texts WHERE id <= ${last} ORDER BY id`
    expect((await pair.pgRows(kept)).filter(([id]) => copied.some((row) => row[0] === id))).toEqual(
      copied,
    )
  } finally {
    const { pg } = pair
    await pg.query('DROP TABLE IF EXISTS texts')
    await pair.close()
    execFileSync('umount', ['--lazy', disk.path])
    rmSync(disk.path, { recursive: true })
  }
})
