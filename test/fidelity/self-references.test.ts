import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { verdicts } from './verdicts.ts'

let server: FidelityServer
beforeAll(async () => {
  server = await openFidelityServer()
})
afterAll(() => server[Symbol.asyncDispose]())

describe('REPLACE of a row that others of its table refer to', () => {
  const actions = ['NO ACTION', 'RESTRICT', 'CASCADE', 'SET NULL', 'SET DEFAULT']
  const tree = (onDelete: string, onUpdate: string, more = ''): string => `
    CREATE TABLE t (id INTEGER PRIMARY KEY, up INT DEFAULT 3 REFERENCES t ON DELETE ${onDelete} ON UPDATE ${onUpdate}, name TEXT UNIQUE);
    INSERT INTO t VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, NULL, 'c'), (4, NULL, 'd'); ${more}`
  const held = `CREATE TABLE c (id INTEGER PRIMARY KEY, t INT REFERENCES t); INSERT INTO c VALUES (1, 1);`
  const replaced = [
    `REPLACE INTO t VALUES (1, NULL, 'r')`,
    `REPLACE INTO t VALUES (1, 4, 'r')`,
    `REPLACE INTO t VALUES (2, 1, 'r')`,
    `REPLACE INTO t VALUES (9, 4, 'r')`,
  ]

  test.each(actions.flatMap((onDelete) => actions.map((onUpdate) => [onDelete, onUpdate])))(
    'is the same with ON DELETE %s ON UPDATE %s',
    async (onDelete, onUpdate) => {
      for (const more of onDelete === 'CASCADE' ? [''] : ['', held]) {
        for (const sql of replaced) {
          const found = await verdicts(server, tree(onDelete, onUpdate, more), sql)
          expect([sql, more, ...found]).toEqual([sql, more, 'identical'])
        }
      }
    },
  )

  test.each([
    `REPLACE INTO t VALUES (1, 1, 'r')`,
    `REPLACE INTO t VALUES (8, 1, 'a')`,
    `REPLACE INTO t VALUES (1, 4, 'd')`,
  ])('is refused where it refers to what it replaces and others hold: %s', async (sql) => {
    expect(await verdicts(server, tree('SET NULL', 'NO ACTION', held), sql)).toEqual(['refused'])
  })
})
