import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { built, projectRoot } from '../support/built.ts'
import { createDatabase } from '../support/postgres.ts'

const run = promisify(execFile)

/** An example under way, with a file and a server of its own. */
export interface Application extends AsyncDisposable {
  readonly url: string
  /** What the command line has: Lockstep in another process than the application's. */
  readonly operator: Lockstep
  /** Asks it to end; rejects where it ends with an error. */
  stop(): Promise<void>
}

export async function startExample(name: string): Promise<Application> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-example-'))
  const database = await createDatabase()
  const file = join(folder, 'bank.db')
  const env = { ...process.env, LOCKSTEP_SQLITE: file, DATABASE_URL: database.url, PORT: '0' }
  built('bundle/index.js')
  await run(process.execPath, [join(projectRoot, 'examples/create-database.js'), file])
  const operator = await createLockstep({
    sqlite: { path: file },
    postgres: { connectionString: database.url },
  })
  const child = spawn(process.execPath, [join(projectRoot, 'examples', name)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const [code, signal] = (await ended) as [number | null, string | null]
    if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}`)
  }
  return {
    url: await addressOf(createInterface(child.stdout)),
    operator,
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL')
      await ended
      await operator.close()
      await database.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function addressOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [, url] = /^listening on (http\S+)$/.exec(line) ?? []
    if (url !== undefined) return url
  }
  throw new Error('It has ended before it listened')
}
