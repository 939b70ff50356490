import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
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
