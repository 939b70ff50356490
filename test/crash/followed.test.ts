import { setTimeout as sleep } from 'node:timers/promises'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import type { PausePoint } from '../../src/core/pause-points.ts'
import { start } from './application.ts'
import { lookOnce, notFollowed } from './followed.ts'
import { open, preparePairs, type Pair, type Pairs, type Stage } from './pair.ts'
import { queryPostgres } from './query.ts'

let pairs: Pairs
let pair: Pair
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())
afterEach(() => pair.drop())

/** A process flips by force and dies at the point; another one starts, and is told when all has followed. */
async function dieAndSettle(stage: Stage, point: PausePoint): Promise<void> {
  pair = await pairs.copy(stage)
  const to = stage === 'mirrored' ? 'postgres' : 'sqlite'
  const flip = { call: 'flip', args: [to, { pauseBudgetMs: 20_000, force: true }] }
  const at = { point, occurrence: 1, then: 'kill' } as const
  const flipper = start(pair, { steps: [{ call: 'caughtUp' }, flip], operations: [], at })
  expect(await flipper.ended()).toBe('killed')
  const db = await open(pair)
  await db.run(`INSERT INTO loose (word, n) VALUES ('goes on', 0)`)
  expect(await notFollowed(db, pair)).toEqual([])
  await db.close()
}

function audited(action: string): unknown[] {
  return inFile((file) => {
    const rows = file.prepare('SELECT detail FROM _lockstep_audit WHERE action = ?').pluck()
    return rows.all(action).map((text) => JSON.parse(text as string) as unknown)
  })
}

function inFile<T>(work: (file: Database.Database) => T): T {
  const file = new Database(pair.sqlite)
  try {
    return work(file)
  } finally {
    file.close()
  }
}

describe('the audit log', () => {
  test('has a flip that recovery finished, and that it was by force', async () => {
    await dieAndSettle('mirrored', 'flip:commit-point')
    expect(audited('flip')).toEqual([
      { from: 'sqlite', to: 'postgres', epoch: 2, forced: true, recovered: true },
    ])
  })

  test('has a flip whose process died past its end once, with its figures', async () => {
    await dieAndSettle('mirrored', 'flip:moved')
    const flips = audited('flip')
    const figures = { drained: expect.any(Number), pauseMs: expect.any(Number) } as unknown
    expect(flips).toEqual([
      { from: 'sqlite', to: 'postgres', epoch: 2, forced: true, ...(figures as object) },
    ])
  })

  test.each([
    ['mirrored', 'flip:drained', 1],
    ['mirrored', 'flip:committing', 1],
    ['flipped', 'flip:drained', 2],
    ['flipped', 'flip:committing', 2],
  ] as const)('has a flip from %s that recovery cancelled at %s', async (stage, point, epoch) => {
    await dieAndSettle(stage, point)
    const [from, to] = stage === 'mirrored' ? ['sqlite', 'postgres'] : ['postgres', 'sqlite']
    expect(audited('flip-cancelled')).toEqual([{ from, to, epoch, forced: true, recovered: true }])
    expect(audited('flip')).toHaveLength(epoch - 1)
  })
})

describe('the look for what follows a flip', () => {
  beforeEach(async () => {
    pair = await pairs.copy('flipped')
  })

  test.each([
    [`UPDATE _lockstep_audit SET action = 'gone'`, 'the audit log has flips to the epochs , not 2'],
    [
      `INSERT INTO _lockstep_audit SELECT id + 9, at_ms, action, detail FROM _lockstep_audit`,
      'the audit log has flips to the epochs 2,2, not 2',
    ],
    [
      `UPDATE _lockstep_control SET flags = json_set(flags, '$.primary', 'sqlite')`,
      'the flag says sqlite, and postgres is the primary',
    ],
  ])('finds what is missing after %s', async (sql, fault) => {
    inFile((file) => file.exec(sql))
    const db = await open(pair, { applier: { enabled: false } })
    expect(await lookOnce(db, pair)).toEqual([fault])
    await db.close()
  })

  test('finds a foreign key that was left NOT VALID, which the one that leads then validates', async () => {
    const drop = 'ALTER TABLE entries DROP CONSTRAINT lockstep_fk_2_1'
    const add =
      'ALTER TABLE entries ADD CONSTRAINT lockstep_fk_2_1 FOREIGN KEY (account) REFERENCES accounts NOT VALID'
    await queryPostgres(pair.postgres, `${drop}; ${add}`)
    const idle = await open(pair, { applier: { enabled: false } })
    expect(await lookOnce(idle, pair)).toEqual([
      'a foreign key was never validated: {"name":"lockstep_fk_2_1"}',
    ])
    await idle.close()
    const db = await open(pair)
    expect(await notFollowed(db, pair)).toEqual([])
    await db.close()
  })
})

describe('a flag that the operator changes once the flip is recorded', () => {
  /** Starts a process that leads, and gives the flags file as it is when it has looked around. */
  async function flagsAfterStart(): Promise<string> {
    const file = join(pair.folder, 'flags.yaml')
    await writeFile(file, 'mirror: true\nprimary: sqlite\n')
    const db = await open(pair, { flags: { file } })
    await expect.poll(async () => (await db.status()).applier.leader, { timeout: 5000 }).toBe(true)
    // Longer than between two looks.
    await sleep(1500)
    await db.close()
    return readFile(file, 'utf8')
  }

  test('is left alone; without the record it would be taken for stale', async () => {
    pair = await pairs.copy('flipped')
    expect(await flagsAfterStart()).toContain('primary: sqlite')
    inFile((file) => file.exec(`DELETE FROM _lockstep_audit WHERE action = 'flip-recorded'`))
    expect(await flagsAfterStart()).toContain('primary: postgres')
  })
})
