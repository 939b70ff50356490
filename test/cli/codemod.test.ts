import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CodeReport } from '../../src/assess/code-report.ts'
import { createShell, type Shell } from './fake.ts'

describe('lockstep codemod', () => {
  let shell: Shell
  const write = (name: string, text: string): void => {
    mkdirSync(join(shell.cwd, 'src'), { recursive: true })
    writeFileSync(join(shell.cwd, 'src', name), text)
  }
  beforeEach(async () => {
    shell = await createShell({})
  })
  afterEach(() => shell.remove())

  const placesOf = async (text: string): Promise<string[]> => {
    write('app.ts', text)
    const { stdout } = await shell.run('codemod src --json')
    return (JSON.parse(stdout) as CodeReport).places.map(
      ({ line, kind, found }) => `${line} ${kind} ${found}`,
    )
  }

  test.each([
    [`import Database from 'better-sqlite3'; const db = new Database('a')`, `new Database('a')`],
    [`const Sqlite = require('better-sqlite3'); Sqlite('a')`, `Sqlite('a')`],
    [`import { DatabaseSync as D } from 'node:sqlite'; new D('a')`, `new D('a')`],
    [`const sqlite3 = require('sqlite3'); new sqlite3.Database('a')`, `new sqlite3.Database('a')`],
    [`import { drizzle } from 'drizzle-orm/better-sqlite3'; drizzle(x)`, `drizzle(x)`],
    [`import { SqliteDialect } from 'kysely'; new SqliteDialect(x)`, `new SqliteDialect(x)`],
    [
      `import { PrismaBetterSqlite3 as P } from '@prisma/adapter-better-sqlite3'; new P({ url })`,
      `new P({ url })`,
    ],
    [`knex({ client: 'better-sqlite3' })`, `client: 'better-sqlite3'`],
  ])('finds where SQLite is opened: %s', async (text, found) => {
    expect(await placesOf(text)).toEqual([`1 opens ${found}`])
  })

  test.each([
    `db.prepare('SELECT 1').get()`,
    `db.prepare('SELECT 1').pluck().all(1)`,
    `const one = db.prepare('SELECT 1')\none.run(7)`,
    `db.transaction(() => 1)()`,
    `const move = db.transaction((a) => a)\nmove.immediate(1)`,
    `db.select().from(users).all()`,
  ])('finds a call that is not waited for: %s', async (text) => {
    const lines = text.split('\n')
    expect(await placesOf(text)).toEqual([`${lines.length} synchronous ${lines.at(-1)}`])
    expect(await placesOf(`${lines.slice(0, -1).join('\n')}\nawait ${lines.at(-1)}`)).toEqual([])
  })

  test('finds a transaction of a function that has a name, and a loop that does not wait', async () => {
    const loop = `for (const row of db.prepare('SELECT 1').iterate()) use(row)`
    expect(await placesOf(`db.transaction(work)(1)\n${loop}`)).toEqual([
      '1 synchronous db.transaction(work)(1)',
      `2 synchronous db.prepare('SELECT 1').iterate()`,
    ])
    expect(await placesOf(loop.replace('for', 'for await'))).toEqual([])
  })

  test('leaves other clients and other calls alone', async () => {
    const text = `import Database from './database'
      new Database('a'); map.get(1); new Set().values(); Promise.all([]); list.values()
      await db.transaction(async (tx) => tx.run('x'))`
    expect(await placesOf(text)).toEqual([])
  })

  test('says what to write, and exits with 3 where there is something, with 0 where there is not', async () => {
    write('app.ts', `import Database from 'better-sqlite3'\nexport const db = new Database('a')`)
    const found = await shell.run('codemod src')
    expect(found.stdout).toMatch(
      /app\.ts:2:19 opens\n {2}new Database\('a'\)\n {2}-> asyncDatabase/,
    )
    expect(found.exitCode).toBe(3)
    write('app.ts', 'export const nothing = 1')
    expect((await shell.run('codemod src')).exitCode).toBe(0)
  })

  test('does not call a program clean that it could not read, nor a folder without programs', async () => {
    write('app.ts', 'const = 1')
    const { exitCode, stdout } = await shell.run('codemod src')
    expect([exitCode, stdout]).toEqual([3, expect.stringContaining('app.ts was not read')])
    mkdirSync(join(shell.cwd, 'empty'))
    expect((await shell.run('codemod empty')).exitCode).toBe(2)
    expect((await shell.run('codemod nowhere')).exitCode).toBe(2)
  })
})
