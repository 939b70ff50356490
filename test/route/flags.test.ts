import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultFlags, mergeFlags, parseFlags, stageOf } from '../../src/route/flags.ts'
import type { FlagsPatch } from '../../src/route/flags.ts'

describe('reading flags', () => {
  test('nothing at all is the defaults', () => {
    for (const raw of [undefined, null, {}]) expect(parseFlags(raw)).toEqual(defaultFlags)
  })

  test('what is left out takes its default', () => {
    expect(parseFlags({ reads: { postgres: 12.5 }, ack: 'both' })).toEqual({
      mirror: true,
      primary: 'sqlite',
      reads: { postgres: 12.5, tables: {} },
      shadow: { sample: 5, rehearse: 5 },
      ack: 'both',
    })
  })

  const refused: [raw: unknown, message: string, key: string][] = [
    [{ miror: true }, 'miror is not a flag. Did you mean "mirror"?', 'miror'],
    [
      { zzzzzzzz: 1 },
      'zzzzzzzz is not a flag. There are mirror, primary, reads, shadow, ack',
      'zzzzzzzz',
    ],
    [
      { reads: { postgress: 1 } },
      'reads.postgress is not a flag. Did you mean "postgres"?',
      'reads.postgress',
    ],
    [
      { 'reads.postgres': 100 },
      'reads.postgres is not a flag. Write { reads: { postgres: 100 } }',
      'reads.postgres',
    ],
    [
      { 'reads.tables.users': 5 },
      'reads.tables.users is not a flag. Write { reads: { tables: { users: 5 } } }',
      'reads.tables.users',
    ],
    [
      { reads: { 'tables.users': 5 } },
      'reads.tables.users is not a flag. Write { reads: { tables: { users: 5 } } }',
      'reads.tables.users',
    ],
    [
      { 'shadow.smple': 5 },
      'shadow.smple is not a flag. There are mirror, primary, reads, shadow, ack',
      'shadow.smple',
    ],
    [
      { shadow: { unlikely: 5 } },
      'shadow.unlikely is not a flag. There are sample, rehearse',
      'shadow.unlikely',
    ],
    [{ mirror: 'yes' }, 'mirror must be true or false, not "yes"', 'mirror'],
    [{ mirror: null }, 'mirror must be true or false, not null', 'mirror'],
    [
      { primary: 'postgre' },
      'primary must be sqlite or postgres, not "postgre". Did you mean "postgres"?',
      'primary',
    ],
    [{ ack: 1 }, 'ack must be primary or both, not 1', 'ack'],
    [{ reads: 25 }, 'reads must be an object, not 25', 'reads'],
    [{ reads: [] }, 'reads must be an object, not a list', 'reads'],
    [
      { reads: { postgres: 101 } },
      'reads.postgres must be a number from 0 to 100, not 101',
      'reads.postgres',
    ],
    [
      { reads: { postgres: -0.1 } },
      'reads.postgres must be a number from 0 to 100, not -0.1',
      'reads.postgres',
    ],
    [
      { reads: { postgres: Number.NaN } },
      'reads.postgres must be a number from 0 to 100, not NaN',
      'reads.postgres',
    ],
    [
      { reads: { postgres: '25' } },
      'reads.postgres must be a number from 0 to 100, not "25"',
      'reads.postgres',
    ],
    [
      { reads: { tables: { users: 200 } } },
      'reads.tables.users must be a number from 0 to 100, not 200',
      'reads.tables.users',
    ],
    [
      { shadow: { sample: true } },
      'shadow.sample must be a number from 0 to 100, not true',
      'shadow.sample',
    ],
    ['mirror: true', 'flags must be an object, not "mirror: true"', 'flags'],
    [
      JSON.parse('{"__proto__": {"mirror": false}}'),
      '__proto__ is not a flag. There are mirror, primary, reads, shadow, ack',
      '__proto__',
    ],
    [
      { constructor: 1 },
      'constructor is not a flag. There are mirror, primary, reads, shadow, ack',
      'constructor',
    ],
  ]
  test.each(refused)('%j is refused by name', (raw, message, key) => {
    expect(() => parseFlags(raw)).toThrow(
      expect.objectContaining({ code: 'FLAGS_INVALID', message, details: { key } }),
    )
  })

  test('flags cannot be changed in place, at any depth', () => {
    const flags = parseFlags({ reads: { tables: { a: 1 } } })
    for (const part of [flags, flags.reads, flags.reads.tables, flags.shadow, defaultFlags.reads]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

describe('merging flags', () => {
  test('a patch changes what it names and nothing else', () => {
    const flags = mergeFlags(defaultFlags, { reads: { tables: { Users: 10, posts: 5 } } })
    expect(mergeFlags(flags, { reads: { postgres: 3, tables: { USERS: null, logs: 1 } } })).toEqual(
      {
        ...defaultFlags,
        reads: { postgres: 3, tables: { posts: 5, logs: 1 } },
      },
    )
  })

  test('undefined leaves a flag as it is', () => {
    const patch = { mirror: undefined, shadow: { sample: undefined } } as unknown as FlagsPatch
    expect(mergeFlags(defaultFlags, patch)).toEqual(defaultFlags)
  })

  test('a bad patch is refused whole', () => {
    expect(() => mergeFlags(defaultFlags, { ack: 'both', shadow: { sample: 101 } })).toThrow(
      /shadow.sample must be/,
    )
  })

  test('merging twice is merging once, and what was merged reads back as itself', () => {
    const percent = fc.integer({ min: 0, max: 100 })
    const patches = fc.record(
      {
        mirror: fc.boolean(),
        reads: fc.record({ postgres: percent, tables: fc.dictionary(fc.string(), percent) }),
        shadow: fc.record({ sample: percent }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(patches, (patch) => {
        const once = mergeFlags(defaultFlags, patch)
        expect(mergeFlags(once, patch)).toEqual(once)
        expect(parseFlags(once)).toEqual(once)
      }),
    )
  })
})

describe('the stage', () => {
  const here = { primary: 'sqlite', complete: false, installed: true } as const
  test.each([
    ['off', {}, { ...here, installed: false }],
    ['off', { mirror: false, reads: { postgres: 50 } }, here],
    ['mirror', { shadow: { sample: 0 } }, here],
    ['shadow', {}, here],
    ['ramp', { reads: { postgres: 1 } }, here],
    ['ramp', { shadow: { sample: 0 }, reads: { tables: { t: 1 } } }, here],
    ['flipped', {}, { ...here, primary: 'postgres' }],
    ['flipped', { mirror: false }, { ...here, primary: 'postgres' }],
    ['complete', {}, { ...here, primary: 'postgres', complete: true }],
    ['complete', {}, { primary: 'postgres', complete: true, installed: false }],
  ] as const)('is %s with %j and %j', (stage, patch, facts) => {
    expect(stageOf(mergeFlags(defaultFlags, patch), facts)).toBe(stage)
  })
})
