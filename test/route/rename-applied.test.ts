import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

test('a table that has been applied to before is applied to under its new name, without a failed batch', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE posts (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO posts VALUES (1, 'a'), (2, 'b')`,
  })
  const { db } = pair
  const failures: unknown[] = []
  db.on('error', ({ error }) => failures.push(error))
  const change = async (table: string): Promise<void> => {
    await db.run(`INSERT INTO ${table} (body) VALUES ('c')`)
    await db.run(`DELETE FROM ${table} WHERE id = (SELECT min(id) FROM ${table})`)
    await db.caughtUp()
  }
  await change('posts')
  await db.exec('ALTER TABLE posts RENAME TO articles')
  await change('articles')
  expect(failures).toEqual([])
  expect(await db.verify()).toMatchObject({ equal: true })
})
