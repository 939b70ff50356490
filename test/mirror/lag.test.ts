import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Lag } from '../../src/mirror/lag.ts'

let db: Database.Database

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  db = new Database(':memory:')
  db.exec('CREATE TABLE _lockstep_journal (seq INTEGER PRIMARY KEY, tbl INTEGER, k0)')
})

afterEach(() => {
  db.close()
  vi.useRealTimers()
})

const write = (): unknown => db.exec('INSERT INTO _lockstep_journal (tbl, k0) VALUES (1, 1)')

test('nothing that waits is no lag, however long ago the last batch was', () => {
  expect(new Lag(db, () => true).look('sqlite', 5)).toBe(0)
})

test('an entry that this process saw come in waits since then', () => {
  const lag = new Lag(db, () => true)
  lag.look('sqlite', 5)
  write()
  lag.look('sqlite', 5)
  vi.advanceTimersByTime(400)
  expect(lag.look('sqlite', 5)).toBe(400)
})

test('an entry that waits at the first look of a process counts from the last batch', () => {
  write()
  expect(new Lag(db, () => true).look('sqlite', 400_000)).toBe(600_000)
})

test('the marker that keeps the journal’s place does not wait', () => {
  db.exec('INSERT INTO _lockstep_journal (tbl, k0) VALUES (0, 1)')
  expect(new Lag(db, () => true).look('sqlite', 5)).toBe(0)
})

test('behind a PostgreSQL primary a heartbeat that is overdue is lag', () => {
  const lag = new Lag(db, () => true)
  expect(lag.look('postgres', Date.now() - 1500)).toBe(0)
  expect(lag.look('postgres', Date.now() - 12_000)).toBe(10_000)
})
