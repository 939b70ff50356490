import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { built } from '../support/built.ts'

/** Everything that a demo makes is under it. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
  // The server may run as another user.
  chmodSync(folder, 0o755)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function startDemo(...args: string[]): { child: ChildProcess; text: () => string } {
  const { DATABASE_URL: _, ...env } = process.env
  const child = spawn(process.execPath, [built('bundle/cli.js'), 'demo', ...args], {
    env: { ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, text: () => text }
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'close')
  return code
}

/** Names of what is left of demos, and lines of processes that use the folder. */
function remains(): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
  return [...readdirSync(folder), ...stdout.split('\n').filter((line) => line.includes(folder))]
}

test('an interrupted demo, whose dashboard is there to look at alone, ends and leaves no process and no folder', async () => {
  const { child, text } = startDemo('--rows', '2000', '--admin', '0')
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (text().includes('  mirror  ')) resolve()
    })
  })
  const [, base = '', token = ''] = /dashboard: (\S+)#token=(\S+)/.exec(text()) ?? []
  const ask = async (method: string, path: string, given = token): Promise<number> => {
    const headers = { authorization: `Bearer ${given}` }
    return (await fetch(new URL(path, base), { method, headers })).status
  }
  expect([await ask('GET', '/v1/status'), await ask('GET', '/v1/status', 'x')]).toEqual([200, 401])
  expect(await ask('POST', '/v1/rollback')).toBe(403)
  // Otherwise the check below could not fail.
  expect(remains().length).toBeGreaterThan(2)
  child.kill('SIGINT')
  expect(await exitOf(child)).toBe(1)
  expect(text()).toContain('Stopped before the end')
  expect(text()).not.toContain('\u001B')
  expect(remains()).toEqual([])
})

test('a demo on a file without tables says that there is nothing to move, as wrong usage', async () => {
  const file = `${folder}.db`
  const db = new Database(file)
  db.exec('CREATE VIEW one AS SELECT 1')
  db.close()
  const { child, text } = startDemo('--db', file)
  expect(await exitOf(child)).toBe(2)
  rmSync(file)
  expect(text()).toContain('has no tables, so there is nothing to move')
  expect(text()).not.toContain('It did not hold')
  expect(remains()).toEqual([])
})
