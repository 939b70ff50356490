import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { built } from '../support/built.ts'

const execute = promisify(execFile)

/** A folder with an application's file in it, as an operator has it before any move. */
export interface Folder extends Disposable {
  readonly path: string
  /** The application's file. */
  readonly file: string
  /** The application's connection; it stays open. */
  readonly db: Database.Database
  at(name: string): string
  /** What is in the folder but for the application's file. */
  others(): string[]
  /** Runs `lockstep` with these arguments; a bound on file sizes is in KiB. */
  lockstep(args: string, bounds?: { fileKib?: number }): Promise<Said>
}

export interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export function createFolder(schema: string, { rows = 0 }: { rows?: number } = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-copies-'))
  const at = (name: string): string => join(path, name)
  const file = at('app.db')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.exec(schema)
  if (rows > 0) fillLog(db, rows)
  return {
    path,
    file,
    db,
    at,
    others: () => readdirSync(path).filter((name) => !/^app\.db(-wal|-shm)?$/.test(name)),
    lockstep: (args, { fileKib } = {}) =>
      say(
        path,
        `${fileKib === undefined ? '' : `ulimit -f ${fileKib}; `}exec '${process.execPath}' '${built('bundle/cli.js')}' ${args}`,
        { PATH: process.env['PATH'], HOME: path, LOCKSTEP_SQLITE: 'app.db' },
      ),
    [Symbol.dispose]: () => {
      if (db.open) db.close()
      rmSync(path, { recursive: true })
    },
  }
}

async function say(cwd: string, script: string, env: NodeJS.ProcessEnv): Promise<Said> {
  try {
    return { exitCode: 0, ...(await execute('bash', ['-c', script], { cwd, env })) }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { exitCode: code, stdout, stderr }
  }
}

/** A table that can be made large. */
export const logTable = 'CREATE TABLE log (writer TEXT, n INTEGER, filler TEXT)'

/** Half a kilobyte a row. */
export function fillLog(db: Database.Database, rows: number): void {
  db.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
     INSERT INTO log SELECT 'first', n, printf('%.500c', 'x') FROM numbers`,
  ).run(rows)
}
