import { afterEach, describe, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE log (what TEXT);
  CREATE TRIGGER checked BEFORE INSERT ON t WHEN NEW.n > 9 BEGIN SELECT RAISE(ROLLBACK, 'too much'); END;
  CREATE TRIGGER failed BEFORE UPDATE ON t WHEN NEW.n > 9 BEGIN SELECT RAISE(FAIL, 'no more'); END;
  CREATE VIEW v AS SELECT n FROM t;
  CREATE TRIGGER viewed INSTEAD OF INSERT ON v WHEN NEW.n < 0 BEGIN
    INSERT INTO log VALUES ('negative'); SELECT RAISE(ROLLBACK, 'negative'); END;
  CREATE TRIGGER last INSTEAD OF DELETE ON v WHEN OLD.n = 1 BEGIN SELECT RAISE(FAIL, 'the first'); END`
const refused = { code: 'SQLITE_CONSTRAINT_TRIGGER', message: 'too much' }

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  test('RAISE(ROLLBACK) undoes the statement, and the whole transaction around it', async () => {
    pair = await openPair({ schema, stage })
    await pair.db.run('INSERT INTO t VALUES (1, 1)')
    await expect(pair.db.run('INSERT INTO t VALUES (2, 2), (3, 10)')).rejects.toMatchObject(refused)
    await expect(pair.db.run('INSERT INTO v VALUES (-1)')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_TRIGGER',
      message: 'negative',
    })
    const within = pair.db.transaction(async (tx) => {
      await tx.run('INSERT INTO t VALUES (4, 4)')
      await tx.run('SAVEPOINT a')
      await tx.run('INSERT INTO t VALUES (5, 10)')
    })
    await expect(within).rejects.toMatchObject(refused)
    const swallowed = pair.db.transaction(async (tx) => {
      await tx.run('INSERT INTO t VALUES (6, 6)')
      await expect(tx.run('INSERT INTO v VALUES (-1)')).rejects.toMatchObject({
        message: 'negative',
      })
    })
    await expect(swallowed).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
      message: 'cannot commit - no transaction is active',
    })
    expect(await pair.db.values('SELECT * FROM t')).toEqual([[1, 1]])
    expect(await pair.db.values('SELECT * FROM log')).toEqual([])
    expect(await pair.differences()).toEqual([])
  })

  test('RAISE(FAIL) of a single row leaves nothing behind', async () => {
    pair = await openPair({ schema, stage })
    await pair.db.run('INSERT INTO t VALUES (1, 1), (2, 2)')
    await expect(pair.db.run('UPDATE t SET n = 10 WHERE id = 2')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_TRIGGER',
      message: 'no more',
    })
    await expect(pair.db.run('DELETE FROM v WHERE n = 1')).rejects.toMatchObject({
      message: 'the first',
    })
    await pair.db.transaction(async (tx) => {
      await tx.run('UPDATE t SET n = 3 WHERE id = 1')
      await expect(tx.run('UPDATE t SET n = 10 WHERE id = 2')).rejects.toMatchObject({
        message: 'no more',
      })
    })
    expect(await pair.db.values('SELECT * FROM t ORDER BY id')).toEqual([
      [1, 3],
      [2, 2],
    ])
    expect(await pair.differences()).toEqual([])
  })
})

test('a statement behind RAISE(ROLLBACK) is refused on PostgreSQL, where it would be outside of the transaction', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  const going = pair.db.transaction(async (tx) => {
    await tx.run('INSERT INTO t VALUES (5, 10)').catch(() => undefined)
    await tx.run('INSERT INTO t VALUES (6, 6)')
  })
  await expect(going).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
  expect(await pair.db.values('SELECT * FROM t')).toEqual([])
})
