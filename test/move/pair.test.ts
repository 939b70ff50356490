import { expect, test } from 'vitest'
import { findPartner } from '../../src/move/pair.ts'
import type { PostgresServer } from '../../src/postgres/connection.ts'
import { controlReader, type ControlRow } from '../../src/sqlite/control.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** A server whose answer is on its way while another process flips. */
function answersAfterFlip({ db, pg }: Pair): Pick<PostgresServer, 'control'> {
  const query = async (text: string): Promise<unknown> => {
    await flip(db)
    return pg.query(text)
  }
  return { control: { query } as unknown as PostgresServer['control'] }
}

test('a file is not taken for one from before a flip that goes by while PostgreSQL is asked', async () => {
  await using pair = await openPair({ schema: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)' })
  const found = await findPartner(answersAfterFlip(pair), controlReader(pair.sqlite))
  expect(found).toMatchObject({ epoch: 2, primary: 'postgres' })
})

test('it is, where it was read before PostgreSQL was asked', async () => {
  await using pair = await openPair({ schema: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)' })
  const before = controlReader(pair.sqlite)()
  const found = findPartner(answersAfterFlip(pair), (): ControlRow => before)
  await expect(found).rejects.toMatchObject({ code: 'PRIMARY_REWOUND' })
})
