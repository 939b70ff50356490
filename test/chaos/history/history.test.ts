import { array, assert, boolean, integer, property, record, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { notLinearizable } from './linearizable.ts'
import { operationsOf, type Action, type Operation, type Outcome } from './operation.ts'
import { faultsIn, type Rows } from './verdict.ts'

const beginning = { total: 100, register: (key: number) => `first ${key}` }

let clock = 0
/** An operation right after the one before it, or in the time that is given. */
function did(
  action: Action,
  settings: { client?: string; outcome?: Outcome; time?: [number, number] } = {},
): Operation {
  const { client = 'a', outcome = 'acknowledged' } = settings
  const [begin, end] = settings.time ?? [(clock += 10), clock + 5]
  return { ...action, client, outcome, begin, end }
}
const insert = (token: string, outcome?: Outcome): Operation =>
  did({ kind: 'insert', token }, outcome === undefined ? {} : { outcome })
const write = (value: string, settings?: Parameters<typeof did>[1]): Operation =>
  did({ kind: 'write', key: 1, value }, settings)
const read = (value: string, settings?: Parameters<typeof did>[1]): Operation =>
  did({ kind: 'read', key: 1, value }, settings)
const ownRead = (value: string, settings?: Parameters<typeof did>[1]): Operation =>
  did({ kind: 'own-read', key: 1, value }, settings)

/** Both places with these rows. */
function faults(
  operations: readonly Operation[],
  rows: Partial<Rows> = {},
  onPostgres: Partial<Rows> = {},
): string[] {
  const empty = { inserts: [], left: [], right: [], total: 100, registers: new Map() }
  const sqlite = { ...empty, ...rows }
  return faultsIn(operations, { sqlite, postgres: { ...sqlite, ...onPostgres } }, beginning)
}

describe('rows', () => {
  const history = [insert('done'), insert('refused', 'failed'), insert('in doubt', 'unknown')]

  test('are well where each acknowledged one is there once, and one in doubt is there or not', () => {
    expect(faults(history, { inserts: ['done'] })).toEqual([])
    expect(faults(history, { inserts: ['in doubt', 'done'] })).toEqual([])
  })

  test.each([
    ['an acknowledged one is lost', [], 'inserts: acknowledged done is there 0 times'],
    ['it is doubled', ['done', 'done'], 'inserts: acknowledged done is there 2 times'],
    ['a failed one is there', ['done', 'refused'], 'inserts: failed refused is there 1 times'],
    [
      'one in doubt is doubled',
      ['done', 'in doubt', 'in doubt'],
      'inserts: unknown in doubt is there 2 times',
    ],
    ['one is there that nobody wrote', ['done', 'strange'], 'inserts: nobody wrote strange'],
  ])('are not where %s', (_, inserts, fault) => {
    expect(faults(history, { inserts })).toEqual([expect.stringContaining(fault)])
  })

  test('are not where one in doubt is on one place only, or an acknowledged one', () => {
    const found = faults(history, { inserts: ['done', 'in doubt'] }, { inserts: [] })
    expect(found).toEqual([
      'inserts: acknowledged done is there 1 times on SQLite, 0 times on PostgreSQL',
      'inserts: unknown in doubt is there 1 times on SQLite, 0 times on PostgreSQL',
    ])
  })

  test('of a process that died are in doubt from its last line on', () => {
    const action = { kind: 'insert', token: 'cut off' } as const
    const operations = operationsOf([{ id: 1, client: 'a', begin: 5, action }])
    expect(operations).toEqual([{ ...action, client: 'a', begin: 5, outcome: 'unknown' }])
    expect(faults(operations)).toEqual([])
  })
})

describe('transactions', () => {
  const history = [did({ kind: 'pair', token: 'moved' }, { outcome: 'unknown' })]

  test('are well where they are there wholly or not at all', () => {
    expect(faults(history)).toEqual([])
    expect(faults(history, { left: ['moved'], right: ['moved'] })).toEqual([])
  })

  test('are torn where one half is there', () => {
    expect(faults(history, { left: ['moved'] })).toContain('sqlite: only a half of moved is there')
  })

  test('are torn where an amount has left one account and not come to another', () => {
    const found = faults(history, {}, { total: 93 })
    expect(found).toEqual(['postgres: the accounts have 93 in all, not 100'])
  })
})

describe('a session', () => {
  test('reads what it wrote, or what others wrote at the same time or later', () => {
    const others = write('theirs', { client: 'b', time: [90, 120] })
    const mine = write('mine', { time: [100, 110] })
    const reads = ['mine', 'theirs'].map((value) => ownRead(value, { time: [130, 140] }))
    expect(faults([others, mine, ...reads])).toEqual([])
  })

  test('must not read what was there before its own write', () => {
    const old = write('old', { client: 'b', time: [10, 20] })
    const mine = write('mine', { time: [30, 40] })
    expect(faults([old, mine, ownRead('old', { time: [50, 60] })])).toEqual([
      'a read old of register 1 after its own write of mine',
    ])
    expect(faults([mine, ownRead('first 1', { time: [50, 60] })])).toEqual([
      'a read first 1 of register 1 after its own write of mine',
    ])
    expect(faults([old, mine, ownRead('old', { client: 'c', time: [50, 60] })])).toEqual([])
  })

  test.each([
    ['was refused', write('dirty', { outcome: 'failed', time: [10, 20] })],
    ['nobody wrote', write('other', { time: [10, 20] })],
    ['was written after the read', write('dirty', { time: [70, 80] })],
  ])('must not read what %s', (_, written) => {
    expect(faults([written, ownRead('dirty', { time: [50, 60] })])).toEqual([
      'a read dirty of register 1, which is dirty',
    ])
  })
})

describe('a register', () => {
  const at = (begin: number, end: number): { time: [number, number] } => ({ time: [begin, end] })

  test('is linearizable where overlapping operations have some order', () => {
    const history = [
      write('x', at(0, 100)),
      write('y', at(0, 100)),
      read('first 1', at(0, 100)),
      read('y', at(50, 100)),
      read('x', at(110, 120)),
    ]
    expect(notLinearizable(history, 'first 1')).toBeNull()
  })

  test.each([
    ['a read is stale', [write('x', at(0, 10)), read('first 1', at(20, 30))]],
    ['reads go back', [write('x', at(0, 100)), read('x', at(10, 20)), read('first 1', at(30, 40))]],
    ['a refused write is read', [write('x', { outcome: 'failed' }), read('x', at(900, 910))]],
    [
      'a write in doubt is read, and gone again',
      [
        write('x', { outcome: 'unknown', time: [0, 10] }),
        read('x', at(20, 30)),
        read('first 1', at(40, 50)),
      ],
    ],
    [
      'two reads see two writes in different orders',
      [
        write('x', at(0, 40)),
        write('y', at(0, 40)),
        read('x', at(10, 15)),
        read('y', at(20, 25)),
        read('x', at(30, 35)),
      ],
    ],
  ])('is not where %s', (_, history) => {
    expect(notLinearizable(history, 'first 1')).toContain('no order explains')
  })

  test('that differs at the end from what was acknowledged is a fault, on either place', () => {
    const history = [write('x')]
    const registers = (value: string): { registers: Map<number, string> } => ({
      registers: new Map([[1, value]]),
    })
    expect(faults(history, registers('x'))).toEqual([])
    expect(faults(history, registers('first 1'))).toHaveLength(1)
    expect(faults(history, registers('x'), registers('first 1'))).toHaveLength(1)
  })

  test('may have a write in doubt that happens long after its client was told', () => {
    const doubt = write('x', { outcome: 'unknown', time: [0, 10] })
    expect(
      notLinearizable([doubt, read('first 1', at(20, 30)), read('x', at(40, 50))], 'first 1'),
    ).toBeNull()
    expect(notLinearizable([doubt, read('first 1', at(40, 50))], 'first 1')).toBeNull()
  })

  test('is found linearizable exactly where one of all orders explains it', () => {
    const time = tuple(integer({ min: 0, max: 12 }), integer({ min: 1, max: 6 }))
    const writes = array(record({ time, isKnown: boolean() }), { maxLength: 3 })
    const reads = array(record({ time, value: integer({ min: 0, max: 3 }) }), {
      maxLength: 3,
    })
    assert(
      property(writes, reads, (written, seen) => {
        const history = [
          ...written.map(({ time: [begin, length], isKnown }, index) =>
            write(`${index + 1}`, {
              outcome: isKnown ? 'acknowledged' : 'unknown',
              time: [begin, begin + length],
            }),
          ),
          ...seen.map(({ time: [begin, length], value }) =>
            read(`${value}`, at(begin, begin + length)),
          ),
        ]
        expect(notLinearizable(history, '0') === null).toBe(hasOrder(history, '0'))
      }),
      { numRuns: 2000 },
    )
  })
})

/** Tries every order, and every choice of the writes in doubt. */
function hasOrder(left: readonly Operation[], value: string): boolean {
  const mustHappen = left.filter(({ outcome }) => outcome === 'acknowledged')
  if (mustHappen.length === 0) return true
  const firstEnd = Math.min(...mustHappen.map(({ end = Infinity }) => end))
  return left.some((operation, index) => {
    if (!('value' in operation) || operation.begin > firstEnd) return false
    if (operation.kind === 'read' && operation.value !== value) return false
    const rest = left.filter((_, position) => position !== index)
    return hasOrder(rest, operation.kind === 'write' ? operation.value : value)
  })
}
