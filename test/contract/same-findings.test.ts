import { expect, test } from 'vitest'
import { reportPage } from '../../src/cli/assess/html.ts'
import { reportText } from '../../src/cli/assess/text.ts'
import type { Finding } from '../../src/schema/model.ts'
import { openPair } from '../support/pair.ts'

const schema = `
  CREATE TABLE items (id INTEGER PRIMARY KEY, n INTEGER, name TEXT, d DATETIME);
  INSERT INTO items VALUES (1, 1, 'a', '2026-01-31'), (2, 'two', 'b' || char(0), 20260131), (3, x'03', x'0a', NULL), (4, 'four', 'c', NULL);
  CREATE TABLE words (k TEXT PRIMARY KEY);
  INSERT INTO words VALUES ('a'), (NULL);
  CREATE TABLE log (id INTEGER PRIMARY KEY, item INTEGER);
  CREATE TRIGGER carried AFTER INSERT ON items BEGIN INSERT INTO log (item) VALUES (NEW.id); END;
  CREATE TRIGGER refused AFTER INSERT ON words BEGIN SELECT RAISE(FAIL, 'x') WHERE NEW.k = 'x'; END;
`

const shared = ['MIXED_TYPES', 'NUL_IN_TEXT', 'NULL_IN_KEY', 'NUMERIC_AS_TEXT']
const ofBoth = ({ code }: Finding): boolean => shared.includes(code) || code.startsWith('TRIGGER_')
const byMessage = (one: Finding, other: Finding): number =>
  one.message < other.message ? -1 : Number(one.message > other.message)

test('install says of rows and triggers what assess has said, keys included', async () => {
  await using pair = await openPair({ schema, stage: 'plain' })
  const { db } = pair
  const assessed = (await db.assess()).findings.filter(ofBoth).toSorted(byMessage)
  const installed = (await db.install()).findings.filter(ofBoth).toSorted(byMessage)
  expect(installed).toEqual(assessed)
  expect(installed.map(({ level, code, keys }) => [level, code, keys])).toEqual(
    expect.arrayContaining([
      ['info', 'TRIGGER_CARRIED', []],
      ['decision', 'TRIGGER_NOT_CARRIED', []],
      ['decision', 'MIXED_TYPES', ['2', '4']],
      ['decision', 'MIXED_TYPES', ['3']],
      ['decision', 'NUL_IN_TEXT', ['2']],
      ['decision', 'NULL_IN_KEY', ['rowid 2']],
    ]),
  )
  const messages = installed.map(({ message }) => message).join('\n')
  expect(messages).toMatch(/^2 rows do not fit bigint .*; they would go to quarantine: 2, 4$/m)
  expect(messages).toMatch(/^1 row does not fit bigint .*; it would go to quarantine: 3$/m)
  expect(messages).not.toMatch(/^1 (rows|numbers|values|integers)/m)
})

test('a trigger that is carried is no decision for install, and none for ready', async () => {
  const carried = schema.split('\n').filter((line) => !line.includes('refused'))
  await using pair = await openPair({ schema: carried.join('\n'), stage: 'plain' })
  const { findings } = await pair.db.install()
  expect(findings.filter(({ code }) => code.startsWith('TRIGGER_'))).toMatchObject([
    { level: 'info', code: 'TRIGGER_CARRIED', table: 'items' },
  ])
  await pair.db.applySchema()
  await pair.db.backfill()
  const { gates } = await pair.db.ready()
  expect(gates.find(({ name }) => name === 'triggers')).toMatchObject({ ok: true, value: 0 })
})

test('assess does not advise on the first install once there has been one', async () => {
  const dates = `CREATE TABLE users (id INTEGER PRIMARY KEY, born DATE); INSERT INTO users VALUES (1, '1980-02-29')`
  await using pair = await openPair({ schema: dates, stage: 'plain' })
  const before = await pair.db.assess()
  expect(before.file.installed).toBe(false)
  expect(reportText(before)).toContain('For config/lockstep.yaml, before the first install:')
  await pair.db.install()
  const after = await pair.db.assess()
  expect(after.configuration).toBe(before.configuration)
  for (const text of [reportText(after), reportPage(after)]) {
    expect(text).not.toContain('before the first install')
    expect(text).toContain('Lockstep is installed, and a column keeps its type')
  }
})

test('status says whether Lockstep is installed', async () => {
  await using pair = await openPair({ schema, stage: 'plain' })
  expect(await pair.db.status()).toMatchObject({ installed: false, stage: 'off' })
  await pair.db.install()
  expect(await pair.db.status()).toMatchObject({ installed: true })
})
