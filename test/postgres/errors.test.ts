import { DatabaseError } from 'pg-protocol'
import { expect, test } from 'vitest'
import { wentAway } from '../../src/postgres/errors.ts'

function diskFull(severity: string): DatabaseError {
  const error = new DatabaseError('No space left on device', 0, 'error')
  return Object.assign(error, { code: '53100', severity })
}

test('a statement that a full disk has refused is not in doubt', () => {
  const error = wentAway(diskFull('ERROR'), 'unknown')
  expect(error).toMatchObject({ code: 'SQLITE_FULL', details: { sqlState: '53100' } })
  expect(error.message).toMatch(/^database or disk is full, PostgreSQL's: No space left on device$/)
})

test.each(['PANIC', 'FATAL', 'FEHLER'])(
  'one of a server that may have ended over it is: %s',
  (severity) => {
    expect(wentAway(diskFull(severity), 'unknown')).toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
      details: { outcome: 'unknown' },
    })
  },
)
