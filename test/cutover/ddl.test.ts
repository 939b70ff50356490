import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { flip, openPair, type Pair, type PairSettings } from '../support/pair.ts'
import { until } from './rig.ts'

const schema = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
  INSERT INTO notes VALUES (1, 'one'), (2, 'two')`

let pair: Pair
afterEach(() => pair.close())

const open = async (settings: Partial<PairSettings> = {}): Promise<void> => {
  pair = await openPair({ schema, ...settings })
}

const ddl = [
  'CREATE TABLE astray (id INTEGER PRIMARY KEY)',
  'ALTER TABLE notes ADD COLUMN astray TEXT',
  'CREATE INDEX astray ON notes (body)',
  'DROP TABLE notes',
]
const schemaOf = (): unknown[][] =>
  pair.sqliteRows(
    String.raw`SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\_%' ESCAPE '\' AND name NOT LIKE '\_%' ESCAPE '\' ORDER BY 1`,
  )
const insert = (body: string): string => `INSERT INTO notes (body) VALUES ('${body}')`

describe('DDL through Lockstep', () => {
  const ways: Record<string, (db: Lockstep, sql: string) => Promise<unknown>> = {
    run: (db, sql) => db.run(sql),
    exec: (db, sql) => db.exec(`SELECT 1; ${sql}`),
    transaction: (db, sql) => db.transaction((tx) => tx.exec(sql)),
  }

  const changes = (way: string): string[] => [
    `CREATE TABLE made_by_${way} (id INTEGER PRIMARY KEY)`,
    `ALTER TABLE notes ADD COLUMN of_${way} TEXT DEFAULT 'x'`,
    `CREATE INDEX on_${way} ON notes (body)`,
  ]

  test.each(Object.entries(ways))('runs on both places by %s', async (name, way) => {
    await open({ stage: 'flipped' })
    for (const sql of changes(name)) await way(pair.db, sql)
    await pair.db.run(`INSERT INTO made_by_${name} VALUES (5)`)
    expect(await pair.pgRows(`SELECT of_${name} FROM notes ORDER BY id`)).toEqual([['x'], ['x']])
    expect(await pair.differences()).toEqual([])
    expect(pair.sqliteRows(`SELECT of_${name} FROM notes`)).toEqual([['x'], ['x']])
    expect(pair.sqliteRows(`SELECT * FROM made_by_${name}`)).toEqual([[5n]])
  })

  test.each(Object.entries(ways))(
    'runs once by %s in a process that has not seen the flip begin',
    async (name, way) => {
      const tried: Promise<unknown>[] = []
      await open({
        options: {
          testing: {
            reach: (point) => {
              // SQLite is held now, and this process still believes that it is the place to write to.
              if (point === 'flip:draining')
                tried.push(...changes(name).map((sql) => way(pair.db, sql)))
            },
          },
        },
      })
      await flip(pair.db)
      await Promise.all(tried)
      expect(tried).toHaveLength(changes(name).length)
      expect(await pair.differences()).toEqual([])
      expect(schemaOf()).toHaveLength(3)
    },
  )

  test('runs on both places while SQLite is the primary', async () => {
    await open()
    const before = schemaOf()
    for (const way of Object.values(ways)) {
      await way(pair.db, 'CREATE TABLE made (id INTEGER PRIMARY KEY)')
      expect(schemaOf()).toHaveLength(before.length + 1)
      await way(pair.db, 'DROP TABLE made')
      expect(schemaOf()).toEqual(before)
    }
    expect(await pair.differences()).toEqual([])
  })
})

describe('DDL of another program on the SQLite file while PostgreSQL is the primary', () => {
  test.each([...ddl, 'DROP TRIGGER _lockstep_1_insert', 'ALTER TABLE notes RENAME TO astray'])(
    'is no write that the fence could refuse, and is noticed as drift: %s',
    async (sql) => {
      await open({ stage: 'flipped' })
      const drifts: string[] = []
      pair.db.on('drift', ({ message }) => drifts.push(message))
      pair.sqlite.exec(sql)
      await until('a drift event', () => drifts.length > 0)
      await expect(pair.db.verify()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
      const { gates } = await pair.db.ready()
      expect(gates.find(({ name }) => name === 'schema')).toMatchObject({ ok: false })
      await expect(pair.db.rollback()).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    },
  )

  test('is mended by making the table again and an install, which brings every row back', async () => {
    await open({ stage: 'flipped' })
    pair.sqlite.exec('DROP TABLE notes')
    await pair.db.run(insert('meanwhile'))
    pair.sqlite.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)')
    await pair.db.install()
    expect(await pair.differences()).toEqual([])
    expect(pair.sqliteRows('SELECT body FROM notes')).toEqual([['one'], ['two'], ['meanwhile']])
  })
})

describe('a script of several statements', () => {
  /** Functions that do something from outside between two statements of a script. */
  const between = (name: string, work: (other: Database.Database) => void): void => {
    let done = false
    const other = new Database(pair.path, { timeout: 0 })
    pairFunctions[name] = () => {
      if (!done) work(other)
      done = true
      return 1
    }
  }
  let pairFunctions: Record<string, () => number> = {}
  const withFunction = (name: string): Promise<void> => {
    pairFunctions = {}
    return open({
      setup: (database) => void database.function(name, () => pairFunctions[name]?.() ?? 0),
    })
  }
  const counts = (): unknown[][] =>
    pair.sqliteRows('SELECT body, count(*) FROM notes WHERE id > 2 GROUP BY body ORDER BY body')

  test('runs each of them once where another process takes the write lock in between', async () => {
    await withFunction('lock_it')
    between('lock_it', (other) => {
      other.exec('BEGIN IMMEDIATE')
      setTimeout(() => other.exec('COMMIT').close(), 50)
    })
    await pair.db.exec(`${insert('a')}; SELECT lock_it(); ${insert('b')}`)
    expect(counts()).toEqual([
      ['a', 1n],
      ['b', 1n],
    ])
  })

  test('runs each of them once where a flip holds the writes in between', async () => {
    await withFunction('hold_it')
    const hold = (other: Database.Database, state: string, gate: number): void =>
      void other.prepare('UPDATE _lockstep_control SET state = ?, gate = ?').run(state, gate)
    between('hold_it', (other) => {
      other.exec(`UPDATE _lockstep_control SET deadline_ms = ${Date.now() + 60_000}`)
      hold(other, 'draining', 2)
      setTimeout(() => {
        hold(other, 'open', 0)
        other.close()
      }, 50)
    })
    await pair.db.exec(`${insert('a')}; SELECT hold_it(); ${insert('b')}`)
    expect(counts()).toEqual([
      ['a', 1n],
      ['b', 1n],
    ])
  })

  test('keeps what ran before the statement that failed, as better-sqlite3 does', async () => {
    await open()
    await expect(pair.db.exec(`${insert('a')}; INSERT INTO missing VALUES (1)`)).rejects.toThrow(
      'no such table',
    )
    expect(counts()).toEqual([['a', 1n]])
  })
})
