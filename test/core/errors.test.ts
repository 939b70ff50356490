import { expect, test } from 'vitest'
import { messageOf } from '../../src/core/errors.ts'

test('an error of several addresses, which says nothing itself, is told by theirs', () => {
  const addresses = [
    new Error('connect ECONNREFUSED ::1:5432'),
    new Error('connect ECONNREFUSED 127.0.0.1:5432'),
  ]
  expect(messageOf(new AggregateError(addresses))).toBe(
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  )
  expect(messageOf(new AggregateError(addresses, 'its own words'))).toBe('its own words')
})
