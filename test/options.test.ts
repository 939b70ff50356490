import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { Pool } from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { readOverrides } from '../src/options/override-options.ts'
import { resolveOptions } from '../src/options/options.ts'
import type { LockstepOptions } from '../src/options/options.ts'
import { defaultFlags } from '../src/route/flags.ts'
import { createOverrides } from '../src/sql/overrides/overrides.ts'

const sqlite = { path: 'app.db' }

const examples = fileURLToPath(new URL('../config/', import.meta.url))

describe('options', () => {
  test('the example of overrides is read, and each of them fits its statement', () => {
    const { overrides } = resolveOptions(
      { sqlite, overrides: { file: 'overrides.yaml' } },
      examples,
    )
    const { list } = createOverrides(readOverrides(overrides))
    expect(list).toHaveLength(2)
  })

  test('every default is visible', () => {
    const { testing, ...options } = resolveOptions({ sqlite }, '/srv')
    expect(options).toEqual({
      sqlite: { path: '/srv/app.db', busyTimeoutMs: 5000, safeIntegers: false },
      postgres: { schema: 'public', max: 10, connectTimeoutMs: 5000, statementTimeoutMs: 30_000 },
      flags: { kind: 'table', initial: defaultFlags },
      applier: {
        enabled: true,
        maxEntries: 2000,
        maxBytes: 8_388_608,
        idlePollMs: 20,
        leaderPollMs: 1000,
        retryMinMs: 100,
        retryMaxMs: 5000,
        compactAbove: 50_000,
      },
      backfill: { concurrency: 2, rowsPerRange: 20_000, maxActive: 20, maxLagMs: 10_000 },
      ackTimeoutMs: 5000,
      onUnconfirmed: 'degrade',
      reads: { waitMs: 50, maxLagMs: 5000 },
      writes: { maxHeld: 10_000, maxHeldMs: 30_000, maxTransactionIdleMs: 30_000, maxRetries: 20 },
      shadow: {
        firstRuns: 10,
        concurrency: 2,
        maxQueued: 100,
        rehearseMaxMs: 250,
        rehearseMaxRows: 1000,
        rehearseMaxStatements: 500,
        timeoutMs: 5000,
        maxRows: 1000,
        maxBytes: 1024 * 1024,
        ulps: 16,
        values: false,
        ignoreStatements: [],
        ignoreColumns: [],
        hooks: {},
      },
      flip: { pauseBudgetMs: 1000, catchUpTimeoutMs: 30_000 },
      gates: {
        maxLagMs: 5000,
        maxQuarantined: 0,
        maxDivergences: 0,
        maxDivergentWrites: 0,
        verifyMaxAgeMs: 86_400_000,
        backupMaxAgeMs: 0,
        statementWindowMs: 604_800_000,
        maxUntranslated: 0,
        minComparisons: 0,
        minRehearsals: 0,
        maxErrorPercent: 1,
        maxP99Ms: 1000,
      },
      ramp: { steps: [1, 5, 25, 50, 100] },
      autopilot: {
        back: true,
        forward: false,
        rollback: false,
        rollbackAfterMs: 30_000,
        stepMs: 3_600_000,
        windowMs: 10_000,
        minReads: 20,
        maxErrorPercent: 10,
        maxP99Ms: 5000,
        maxDivergences: 0,
      },
      columns: {},
      overrides: { kind: 'list', list: [] },
    })
    expect(testing.reach('anything')).toBeUndefined()
  })

  test('what is given wins, and paths are resolved against the working directory', () => {
    const reach = vi.fn<(point: string) => void>()
    const options = resolveOptions({
      sqlite: { ...sqlite, safeIntegers: true },
      postgres: { host: 'db', port: 5433, ssl: { rejectUnauthorized: true } },
      flags: { file: 'config/flags.yaml' },
      applier: { enabled: false },
      columns: { 'users.balance': 'numeric' },
      testing: { reach },
    })
    expect(options.sqlite).toMatchObject({ path: resolve('app.db'), safeIntegers: true })
    expect(options.postgres).toMatchObject({
      host: 'db',
      port: 5433,
      ssl: { rejectUnauthorized: true },
    })
    expect(options.flags).toEqual({
      kind: 'file',
      required: true,
      file: resolve('config/flags.yaml'),
    })
    expect(options.applier).toMatchObject({ enabled: false, maxEntries: 2000 })
    expect(options.columns).toEqual({ 'users.balance': 'numeric' })
    expect(options.testing.reach).toBe(reach)
  })

  test('the result is frozen at every depth, and what the caller gave is not', async () => {
    const database = new Database(':memory:')
    const pool = new Pool()
    const raw: LockstepOptions = { sqlite: { database }, postgres: { pool } }
    const options = resolveOptions(raw)
    for (const part of [options, ...Object.values(options)]) {
      expect(typeof part !== 'object' || Object.isFrozen(part)).toBe(true)
    }
    expect(options.sqlite.database).toBe(database)
    expect(options.postgres.pool).toBe(pool)
    for (const part of [raw, raw.sqlite, database, pool]) expect(Object.isFrozen(part)).toBe(false)
    database.close()
    await pool.end()
  })
})

describe('refused options', () => {
  const refused: [raw: unknown, message: string][] = [
    [undefined, 'options must be an object'],
    [{}, 'sqlite.path or sqlite.database must be given, and not both'],
    [{ sqlit: sqlite }, 'sqlit is not an option. Did you mean "sqlite"?'],
    [{ sqlite: { pth: 'x' } }, 'sqlite.pth is not an option. Did you mean "path"?'],
    [{ sqlite: { path: ':memory:' } }, 'sqlite.path must name a file: WAL needs one'],
    [{ sqlite: { path: '' } }, 'sqlite.path must be text that is not empty'],
    [
      { sqlite: { path: 'a', database: {} } },
      'sqlite.path or sqlite.database must be given, and not both',
    ],
    [{ sqlite: { database: 'a.db' } }, 'sqlite.database must be an open better-sqlite3 database'],
    [{ sqlite: { ...sqlite, setup: 'WAL' } }, 'sqlite.setup must be a function'],
    [
      { sqlite: { ...sqlite, busyTimeout: 5 } },
      'sqlite.busyTimeout is not an option. Did you mean "busyTimeoutMs"?',
    ],
    [{ sqlite, postgres: 'postgres://me:secret@db' }, 'postgres must be an object'],
    [
      { sqlite, postgres: { password: 12_345 } },
      'postgres.password must be text that is not empty',
    ],
    [
      { sqlite, postgres: { port: 70_000 } },
      'postgres.port must be a whole number, from 1 to 65535',
    ],
    [{ sqlite, postgres: { max: 0 } }, 'postgres.max must be a whole number, at least 1'],
    [
      { sqlite, postgres: { ssl: 'require' } },
      'postgres.ssl must be true, false or an object of TLS settings',
    ],
    [
      { sqlite, postgres: { connectionString: 'postgres://x/', host: 'y' } },
      'postgres.host cannot be given beside postgres.connectionString',
    ],
    [
      { sqlite, postgres: { pool: { connect: () => 1 }, max: 3 } },
      'postgres.max is for the pool to decide',
    ],
    [{ sqlite, postgres: { pool: {} } }, 'postgres.pool must be a pool of pg'],
    [{ sqlite, flags: { fle: 'x' } }, 'flags.fle is not an option. Did you mean "file"?'],
    [
      { sqlite, flags: { file: 'x', initial: {} } },
      'flags.file cannot be given beside flags.openfeature or flags.initial',
    ],
    [
      { sqlite, flags: { initial: { reads: { postgres: 200 } } } },
      'flags.initial is refused: reads.postgres must be a number from 0 to 100, not 200',
    ],
    [
      { sqlite, flags: { openfeature: {} } },
      'flags.openfeature must be a client of the OpenFeature server SDK',
    ],
    [
      { sqlite, applier: { retryMinMs: 10, retryMaxMs: 5 } },
      'applier.retryMinMs must not be above applier.retryMaxMs',
    ],
    [{ sqlite, applier: { maxBytes: 1.5 } }, 'applier.maxBytes must be a whole number, at least 1'],
    [
      { sqlite, gates: { maxErrorPercent: 101 } },
      'gates.maxErrorPercent must be a whole number, from 0 to 100',
    ],
    [
      { sqlite, gates: { maxErrorPercent: -1 } },
      'gates.maxErrorPercent must be a whole number, from 0 to 100',
    ],
    [
      { sqlite, autopilot: { maxErrorPercent: 101 } },
      'autopilot.maxErrorPercent must be a whole number, from 0 to 100',
    ],
    [
      { sqlite, ramp: { steps: [0, 100] } },
      'ramp.steps must be percentages that ascend to 100, such as [5, 25, 100]',
    ],
    [
      { sqlite, ramp: { steps: [5, 100, 101] } },
      'ramp.steps must be percentages that ascend to 100, such as [5, 25, 100]',
    ],
    [
      { sqlite, shadow: { concurrency: 101 } },
      'shadow.concurrency must be a whole number, from 1 to 100',
    ],
    [
      { sqlite, onUnconfirmed: 'degrad' },
      'onUnconfirmed must be degrade or error. Did you mean "degrade"?',
    ],
    [{ sqlite, ackTimeoutMs: Number.NaN }, 'ackTimeoutMs must be a whole number, at least 1'],
    [
      { sqlite, writes: { maxHeldMS: 1 } },
      'writes.maxHeldMS is not an option. Did you mean "maxHeldMs"?',
    ],
    [{ sqlite, columns: { amount: 'numeric' } }, 'columns.amount must be named as table.column'],
    [
      { sqlite, columns: { 'a.b': 'numerics' } },
      'columns.a.b must be one of bigint, double precision, numeric, text, bytea, boolean, date, timestamptz, timestamptz(iso), timestamptz(seconds), timestamptz(milliseconds), uuid, json, jsonb, numeric(p,s). Did you mean "numeric"?',
    ],
    [{ sqlite, testing: { reach: true } }, 'testing.reach must be a function'],
    [{ sqlite, overrides: 'a.yaml' }, 'overrides must be a list, or name a file'],
    [
      { sqlite, overrides: { fil: 'a.yaml' } },
      'overrides.fil is not an option. Did you mean "file"?',
    ],
    [{ sqlite, overrides: {} }, 'overrides.file must be given where overrides is no list'],
    [{ sqlite, overrides: [1] }, 'overrides[0] must be an object'],
    [
      { sqlite, overrides: [{ sqlite: 'SELECT 1', postgress: 'SELECT 1' }] },
      'overrides[0].postgress is not an option. Did you mean "postgres"?',
    ],
    [
      { sqlite, overrides: [{ postgres: 'SELECT 1' }] },
      'overrides[0].sqlite or fingerprint must be given, and not both',
    ],
    [{ sqlite, overrides: [{ sqlite: 'SELECT 1' }] }, 'overrides[0].postgres must be given'],
    [
      { sqlite, overrides: [{ fingerprint: '12', postgres: 'SELECT 1' }] },
      'overrides[0].fingerprint must be 16 hexadecimal digits; in YAML put quotes around them',
    ],
  ]
  test.each(refused)('%j', (raw, message) => {
    expect(() => resolveOptions(raw as LockstepOptions)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }),
    )
  })
})
