import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { built } from '../support/built.ts'
import { openPair, type Pair } from '../support/pair.ts'

const many = `CREATE TABLE numbers (id INTEGER PRIMARY KEY, n INTEGER, t TEXT UNIQUE);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000)
  INSERT INTO numbers SELECT i, i * 7, 'text ' || i FROM c`

/** A process of the command line, and what it has said so far. */
interface Command {
  readonly process: ChildProcess
  readonly said: { stdout: string; stderr: string }
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

function lockstep(pair: Pair, ...args: string[]): Command {
  const child = spawn(process.execPath, [built('bundle/cli.js'), ...args], {
    cwd: dirname(pair.path),
    env: { ...process.env, DATABASE_URL: pair.url, LOCKSTEP_SQLITE: pair.path },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  return { process: child, said, ended: once(child, 'close').then(([code]) => code as number) }
}

test('Ctrl-C stops a backfill that an operator holds by hand, and the next one copies the rest alone', async () => {
  await using pair = await openPair({ schema: many, stage: 'installed' })
  await pair.db.applySchema()
  await pair.db.throttle(1)
  await pair.db.close()
  const config = join(dirname(pair.path), 'config')
  mkdirSync(config)
  writeFileSync(join(config, 'lockstep.yaml'), 'backfill:\n  rowsPerRange: 100\n')
  const first = lockstep(pair, 'backfill')
  try {
    // With a hundredth of the time there is a long rest behind each range.
    const count = async (): Promise<number> =>
      Number((await pair.pgRows('SELECT count(*) FROM numbers'))[0]?.[0])
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(0)
    first.process.kill('SIGINT')
    expect(await first.ended).toBe(1)
  } finally {
    first.process.kill('SIGKILL')
  }
  const copied = await pair.pgRows('SELECT id, ctid, xmin FROM numbers ORDER BY id')
  expect(copied.length).toBeGreaterThan(0)
  expect(copied.length).toBeLessThan(5000)

  expect(await lockstep(pair, 'throttle', '100%').ended).toBe(0)
  const second = lockstep(pair, 'backfill', '--json')
  expect(await second.ended).toBe(0)
  expect(JSON.parse(second.said.stdout)).toMatchObject({
    tables: [{ table: 'numbers', rows: 5000, quarantined: 0 }],
  })
  const last = (copied.at(-1) as string[])[0]
  expect(
    await pair.pgRows(`SELECT id, ctid, xmin FROM numbers WHERE id <= ${last} ORDER BY id`),
  ).toEqual(copied)
}, 120_000)
