import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { LedgerCheck } from '../../src/demo/ledger-check.ts'
import { judge, type DemoFigures } from '../../src/demo/verdict.ts'
import { writeVerdict } from '../../src/demo/write-verdict.ts'

const checked: LedgerCheck = { checked: 10, lost: 0, doubled: 0, stale: 0, undead: 0, examples: [] }

const good: DemoFigures = {
  acknowledged: 10,
  unknown: 0,
  reads: 5,
  readBacks: 2,
  staleReads: 0,
  errors: [],
  ledger: { sqlite: checked, postgres: checked },
  ledgerAfterComplete: checked,
  differing: [],
  tables: [{ table: 't', rows: 10, equal: true, missing: 0, extra: 0, different: 0 }],
  flips: [
    { to: 'postgres', pauseMs: 12, longestWriteMs: 15 },
    { to: 'sqlite', pauseMs: 12, longestWriteMs: 15 },
    { to: 'postgres', pauseMs: 12, longestWriteMs: 15 },
  ],
  setAside: 0,
  leftOut: [],
  quarantined: 0,
  notices: [],
  failure: null,
}

const unequal = { table: 't', rows: 10, equal: false, missing: 1, extra: 0, different: 0 }

const broken: [why: string, figures: Partial<DemoFigures>][] = [
  [
    'a write is lost on postgres',
    { ledger: { sqlite: checked, postgres: { ...checked, lost: 1 } } },
  ],
  [
    'a write is doubled on sqlite',
    { ledger: { sqlite: { ...checked, doubled: 1 }, postgres: checked } },
  ],
  [
    'a row is at an older version',
    { ledger: { sqlite: checked, postgres: { ...checked, stale: 1 } } },
  ],
  [
    'a deleted row is still there',
    { ledger: { sqlite: checked, postgres: { ...checked, undead: 1 } } },
  ],
  ['a place was not looked at', { ledger: { sqlite: null, postgres: checked } }],
  ['nothing was looked up', { ledger: { sqlite: checked, postgres: { ...checked, checked: 0 } } }],
  ['a write after complete is lost', { ledgerAfterComplete: { ...checked, lost: 1 } }],
  ['a table differs', { tables: [unequal] }],
  ['no table was compared', { tables: [] }],
  ['the comparison was not reached', { tables: null }],
  ['a row is in quarantine', { quarantined: 1 }],
  ['the application saw an error', { errors: [{ message: 'boom', count: 1 }] }],
  ['a session did not see its own write', { staleReads: 1 }],
  ['a flip is missing', { flips: good.flips.slice(0, 2) }],
  ['a flip went the wrong way', { flips: good.flips.map((flip) => ({ ...flip, to: 'postgres' })) }],
  ['no write was made', { acknowledged: 0 }],
  ['the journey ended early', { failure: 'no way' }],
]

describe('the verdict', () => {
  test('holds for a run in which everything held, and gives the pause of each flip', () => {
    const verdict = judge(good)
    expect(verdict.ok).toBe(true)
    expect(verdict.claims.every(({ holds }) => holds)).toBe(true)
    expect(JSON.stringify(verdict.claims)).toContain('postgres 12 ms')
  })

  test.each(broken)('fails where %s', (_why, figures) => {
    const verdict = judge({ ...good, ...figures })
    expect(verdict.ok).toBe(false)
    expect(verdict.claims.filter(({ holds }) => !holds)).toHaveLength(1)
  })

  test('is not shaken by an unknown outcome alone', () => {
    expect(judge({ ...good, unknown: 3 }).ok).toBe(true)
  })
})

test('tables that were left out are named in the verdict, and are no reason for a NO', () => {
  const output = new PassThrough()
  const verdict = judge({
    ...good,
    leftOut: ['made: column "twice" is generated', 'odd: its name'],
  })
  writeVerdict(verdict, output, false)
  const text = String(output.read())
  expect(verdict.ok).toBe(true)
  expect(text).toContain('left out: made: column "twice" is generated\n')
  expect(text).toContain('left out: odd: its name\n')
})
