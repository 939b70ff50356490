import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { withOwnToken } from '../../src/cli/admin-config.ts'
import { createDatabase } from '../support/postgres.ts'
import { runCommand } from './command.ts'

/** Every file and folder below, with its rights, where anybody but the owner has any. */
function openToOthers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, mode: statSync(join(folder, name)).mode & 0o777 }))
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ name, mode }) => `${name} ${mode.toString(8)}`)
    .toSorted()
}

test('what Lockstep writes with rows, keys, passwords or tokens in it is its owner’s alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-files-'))
  const database = await createDatabase()
  const before = process.umask(0o022)
  try {
    const path = join(folder, 'app.db')
    const file = new Database(path)
    file.pragma('journal_mode = WAL')
    file.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'one')`)
    file.close()
    chmodSync(path, 0o644)
    const env = { DATABASE_URL: database.url, LOCKSTEP_SQLITE: path }
    for (const args of [
      'init',
      'assess --html report.html',
      'backup copy.db',
      'export --format csv out',
      'export --format jsonl deep',
    ])
      expect(await runCommand(args.split(' '), { folder, env })).not.toMatch(/error|wrong|unknown/i)
    withOwnToken({ host: '127.0.0.1', port: 0 }, path)
    const others = openToOthers(folder)
    // What SQLite keeps beside the application's file has the rights that the application gave to that.
    const ours = others.filter((line) => !line.startsWith('app.db'))
    // Flags, and nothing else.
    expect(ours).toEqual(['config 755', 'config/flags.yaml 644'])
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining([
        'app.db-admin-token',
        'copy.db',
        'copy.db.manifest.json',
        'report.html',
      ]),
    )
    chmodSync(join(folder, 'report.html'), 0o640)
    expect(openToOthers(folder)).toContain('report.html 640')
  } finally {
    process.umask(before)
    rmSync(folder, { recursive: true })
    await database.drop()
  }
})
