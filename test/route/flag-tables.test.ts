import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

test('a percentage for what is no table is told with the nearest name, and taken, as a table may be made later', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE VIEW people AS SELECT id FROM users;`,
  })
  const { db } = pair
  const told: string[] = []
  db.on('finding', ({ code, message }) => told.push(`${code}: ${message}`))
  await db.setFlags({ reads: { tables: { USERS: 5, people: 5 } } })
  expect(told).toEqual([])
  const flags = await db.setFlags({ reads: { tables: { usres: 7 } } })
  expect(flags.reads.tables).toEqual({ users: 5, people: 5, usres: 7 })
  expect(told).toEqual([
    'FLAG_TABLE_UNKNOWN: reads.tables.usres leads no read, as there is no table or view usres. Did you mean "users"? ' +
      '`lockstep flags set reads.tables.usres=null` takes it out',
  ])
  await db.setFlags({ reads: { tables: { usres: null } } })
  expect(told).toHaveLength(1)
})
