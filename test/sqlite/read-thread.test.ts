import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { sleep } from '../../src/core/wait.ts'
import { createReadThread } from '../../src/sqlite/read-thread.ts'

/** The nice values of the threads of this process, by their ids. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function niceOfThreads(): Map<string, number> {
  const ids = readdirSync('/proc/self/task')
  return new Map(
    ids.map((id) => {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
      return [id, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])]
    }),
  )
}

test.runIf(process.platform === 'linux')(
  'on Linux a thread that reads gives way to the application, whose own threads stay as they are',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-read-thread-'))
    const path = join(folder, 'app.db')
    new Database(path).exec('CREATE TABLE t (a); INSERT INTO t VALUES (7)').close()
    const before = niceOfThreads()
    const thread = createReadThread(path, 1000)
    const { rows } = await thread.read('SELECT a FROM t', [], {
      maxRows: 10,
      maxBytes: 1000,
      timeoutMs: 5000,
    })
    expect(rows.map(([a]) => Number(a))).toEqual([7])
    const after = niceOfThreads()
    const own = before.get(String(process.pid)) ?? 0
    const yielding = [...after].filter(([id, nice]) => !before.has(id) && nice > own)
    expect(yielding).toHaveLength(1)
    for (const [id, nice] of before) expect(after.get(id) ?? nice).toBe(nice)
    await thread.close()
    rmSync(folder, { recursive: true })
  },
)

/** Fails with an integer overflow, after so many steps. */
const failsLate = (steps: number): string =>
  `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${steps}) SELECT abs(-9223372036854775807 - 1 + max(i) - ${steps}) FROM c`

test('a read that fails after it was given up, or the thread was closed, does not end the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-read-thread-'))
  const path = join(folder, 'app.db')
  new Database(path).exec('CREATE TABLE t (a); INSERT INTO t VALUES (7)').close()
  const caps = { maxRows: 10, maxBytes: 1000 }
  const thread = createReadThread(path, 1000)
  await thread.read('SELECT a FROM t', [], { ...caps, timeoutMs: 20_000 })
  await expect(
    thread.read(failsLate(3_000_000), [], { ...caps, timeoutMs: 100 }),
  ).rejects.toMatchObject({ code: 'SQLITE_INTERRUPT' })
  const next = thread.read(failsLate(3_000_000), [], { ...caps, timeoutMs: 60_000 })
  const closed = sleep(500).then(() => thread.close())
  await expect(next).rejects.toMatchObject({ code: 'CLOSED' })
  await closed
  // Both threads come to their failure by then.
  await sleep(3000)
  rmSync(folder, { recursive: true })
})

test('a thread that was given up reads no further row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-read-thread-'))
  const path = join(folder, 'app.db')
  new Database(path).exec('CREATE TABLE t (a)').close()
  const before = niceOfThreads()
  const threads = (): number => [...niceOfThreads().keys()].filter((id) => !before.has(id)).length
  const thread = createReadThread(path, 1000)
  const endless =
    'WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c WHERE i % 1000 = 0'
  const caps = { maxRows: 1e9, maxBytes: 1e12, timeoutMs: 100 }
  await expect(thread.read(endless, [], caps)).rejects.toMatchObject({ code: 'SQLITE_INTERRUPT' })
  expect(threads()).toBeGreaterThan(0)
  await vi.waitFor(() => expect(threads()).toBe(0), { timeout: 30_000 })
  await thread.close()
  rmSync(folder, { recursive: true })
})

test('a file that is gone is told in SQLite’s words', async () => {
  const thread = createReadThread(join(tmpdir(), 'lockstep-nothing-is-here.db'), 1000)
  const read = thread.read('SELECT 1', [], { maxRows: 1, maxBytes: 100, timeoutMs: 5000 })
  await expect(read).rejects.toMatchObject({
    code: 'SQLITE_CANTOPEN',
    message: 'unable to open database file',
  })
  await thread.close()
})
