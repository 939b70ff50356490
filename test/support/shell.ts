import { spawnSync } from 'node:child_process'

/**
 * Whether SQLite's own shell is there. Under CI absence is an error, so that a run cannot pass by
 * leaving tests out.
 */
export function hasSqliteShell(): boolean {
  if (spawnSync('sqlite3', ['--version']).status === 0) return true
  if (process.env['CI'] === 'true') throw new Error('the sqlite3 shell is missing')
  process.stderr.write('The sqlite3 shell is not there: the tests that need it are left out.\n')
  return false
}
