import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { expect, test, vi } from 'vitest'
import { built } from '../support/built.ts'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a server and its folder are gone after its owner was killed outright', async () => {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(built('demo/embedded-postgres.js'))}
    import pg from ${JSON.stringify(createRequire(import.meta.url).resolve('pg'))}
    const server = await startEmbeddedPostgres()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query("SELECT current_setting('data_directory') AS folder")
    console.log(JSON.stringify(rows[0]))
    setInterval(() => {}, 1000)
  `
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
  const { folder } = JSON.parse(line) as { folder: string }
  expect(existsSync(folder)).toBe(true)
  const postmaster = Number(readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n')[0])
  expect(alive(postmaster)).toBe(true)

  owner.kill('SIGKILL')
  await vi.waitFor(
    () => {
      expect(alive(postmaster)).toBe(false)
      expect(existsSync(folder)).toBe(false)
    },
    { timeout: 15_000 },
  )
})
