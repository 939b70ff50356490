import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { createCheckedTranslator } from '../support/postgres-parser.ts'
import { planOf, sourceOf } from '../support/statements.ts'
import {
  createConnectionState,
  replaceConnectionCalls,
} from '../../src/sql/connection-functions.ts'

const facts = {
  state: { changes: 3, totalChanges: 12, lastInsertRowid: 99n },
  sqliteVersion: '3.53.2',
}

describe('a function that only the connection can answer', () => {
  test.each([
    ['SELECT changes()', 'SELECT ?1', [3n]],
    ['SELECT last_insert_rowid ( ) AS id', 'SELECT ?1 AS id', [99n]],
    [
      'INSERT INTO t VALUES (?, last_insert_rowid(), ?)',
      'INSERT INTO t VALUES (?1, ?3, ?2)',
      [99n],
    ],
    ['SELECT :a, total_changes(), ?, :a', 'SELECT ?1, ?3, ?2, ?1', [12n]],
    ['SELECT sqlite_version(), changes()', 'SELECT ?1, ?2', ['3.53.2', 3n]],
  ])('%s takes a number behind those of the application', (sql, text, values) => {
    const calls = replaceConnectionCalls(sql)
    expect(calls?.sql).toBe(text)
    expect(calls?.values(facts)).toEqual(values)
  })

  test.each([
    'SELECT changes FROM t',
    'SELECT "changes"()',
    'SELECT t.changes FROM t',
    "SELECT 'changes()'",
    'SELECT 1 -- changes()',
    'SELECT changes(1)',
    "SELECT '?1', changes()",
  ])('%s is left alone', (sql) => {
    expect(replaceConnectionCalls(sql)).toBeNull()
  })

  test('gives its column the name that SQLite gives', () => {
    const db = new Database(':memory:')
    for (const sql of [
      'SELECT changes ( ), ? + last_insert_rowid(), total_changes() AS t',
      'SELECT :a || changes()',
    ]) {
      const calls = replaceConnectionCalls(sql)
      const names = db
        .prepare(calls?.sql ?? '')
        .columns()
        .map(({ name }) => ({ name, decoder: 'text' as const }))
      const wanted = db
        .prepare(sql)
        .columns()
        .map(({ name }) => name)
      expect(calls?.rename(names).map(({ name }) => name)).toEqual(wanted)
    }
  })

  test.each([
    'INSERT INTO t VALUES (1) RETURNING last_insert_rowid()',
    'INSERT INTO t VALUES (last_insert_rowid()), (last_insert_rowid())',
    'INSERT INTO t SELECT last_insert_rowid() + x FROM u',
  ])('%s would see the rows that it inserts, and is refused', (sql) => {
    expect(() => replaceConnectionCalls(sql)?.values(facts)).toThrow('last_insert_rowid()')
  })

  test.each([
    'INSERT INTO t VALUES (last_insert_rowid())',
    'INSERT INTO t SELECT last_insert_rowid(), 1',
  ])('%s sees the row before, and is answered', (sql) => {
    expect(replaceConnectionCalls(sql)?.values(facts)).toEqual([99n])
  })

  test('changes that nobody has counted have no total', () => {
    const state = { changes: 1, totalChanges: null, lastInsertRowid: 1n }
    const calls = replaceConnectionCalls('SELECT total_changes()')
    expect(() => calls?.values({ ...facts, state })).toThrow('total_changes()')
    expect(replaceConnectionCalls('SELECT changes()')?.values({ ...facts, state })).toEqual([1n])
  })

  test('two questions that become one text on PostgreSQL keep their names', () => {
    const source = sourceOf({ translator: createCheckedTranslator })
    const names = ['SELECT changes()', 'SELECT total_changes()', 'SELECT changes()'].map(
      (sql) => planOf(sql, source).bind([], facts).prepared.names,
    )
    expect(names).toEqual([['changes()'], ['total_changes()'], ['changes()']])
  })

  test('answers nothing before anything was written', () => {
    expect(createConnectionState()).toEqual({ changes: 0, totalChanges: 0, lastInsertRowid: 0n })
  })
})
