import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { planChange } from '../../src/schema/change.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { modelOf } from './carry.ts'

/** What PostgreSQL is told of a change of the schema that is made of `before` by SQL. */
function changed(before: string, sql: string): string[] {
  const db = new Database(':memory:')
  db.exec(before)
  const { tables } = modelOf(db).schema
  db.exec(sql)
  const ids = new Map(tables.map(({ name, id }) => [name, id]))
  const after: readonly Table[] = numberTables(modelOf(db).schema.tables, ids).tables
  db.close()
  const options = { schema: 'public', extent: 'whole', renames: new Map() } as const
  return planChange(tables, after, options).statements.map((statement) => statement.sql)
}

const child = 'p INT REFERENCES p ON DELETE CASCADE'
const family = `
  CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, ${child}); CREATE TABLE log (what TEXT);
  CREATE TRIGGER of_p AFTER DELETE ON p BEGIN INSERT INTO log VALUES ('p'); END;`
const ofChild = `CREATE TRIGGER of_c AFTER DELETE ON c BEGIN INSERT INTO log VALUES ('c'); END;`

test('a trigger of the parent goes before the actions of keys when one of a child is made that it has to follow', () => {
  const statements = changed(family, ofChild)
  expect(statements.filter((sql) => sql.startsWith('CREATE TRIGGER'))).toEqual([
    expect.stringContaining('"A1_of_p"'),
    expect.stringContaining('"of_c"'),
  ])
  expect(statements).toContain('DROP TRIGGER IF EXISTS "of_p" ON "public"."p"')
  expect(statements.join('\n')).toContain('DELETE FROM "public"."c"')
})

test('its function follows when another child comes, and what has not changed is left alone', () => {
  const statements = changed(family + ofChild, `CREATE TABLE d (id INTEGER PRIMARY KEY, ${child})`)
  const functions = statements.filter((sql) => sql.includes('FUNCTION'))
  expect(functions).toEqual([expect.stringContaining('DELETE FROM "public"."d"')])
  expect(changed(family + ofChild, 'CREATE TABLE e (id INTEGER PRIMARY KEY)').join()).not.toContain(
    'FUNCTION',
  )
})
