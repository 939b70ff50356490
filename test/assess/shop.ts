import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import type { AssessReport, SqlReport } from '../../src/api.ts'
import { assess } from '../../src/steps/assess.ts'
import type { OverrideSettings } from '../../src/options/override-options.ts'
import type { LockstepOptions } from '../../src/options/options.ts'

/** The source of an application, with a schema in SQL. */
export const appFolder: string = fileURLToPath(new URL('app/', import.meta.url))

/** Nobody listens there. */
export const noServer = { connectionString: 'postgres://localhost:1/none' }

export interface AssessedFile extends Disposable {
  readonly folder: string
  readonly path: string
  readonly assess: (
    sql?: readonly string[],
    options?: Partial<LockstepOptions>,
  ) => Promise<AssessReport>
  /** The report on statements. */
  readonly statements: (
    sql: readonly string[],
    overrides?: readonly OverrideSettings[],
  ) => Promise<SqlReport>
}

/** A database with the schema of a script, in a folder of its own, and no PostgreSQL. */
export function createFile(
  schema: string = readFileSync(`${appFolder}migrations/0000_start.sql`, 'utf8'),
): AssessedFile {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-assess-'))
  const path = join(folder, 'app.db')
  const db = new Database(path)
  db.exec(schema)
  db.close()
  const run: AssessedFile['assess'] = (sql, options = {}) =>
    assess({ sqlite: { path }, postgres: noServer, ...options }, sql === undefined ? {} : { sql })
  return {
    folder,
    path,
    assess: run,
    async statements(sql, overrides = []) {
      const report = await run(sql, { overrides })
      if (report.sql === null) throw new Error('There is no report on SQL')
      return report.sql
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
