import { expect, test } from 'vitest'
import { splitScript } from '../../src/sql/script.ts'
import { appSchemas, makeSchema } from '../support/app-schemas.ts'
import { describeWithData } from '../support/data.ts'
import { flip, openPair, rollback, travel, type Pair } from '../support/pair.ts'
import { fill, misuse } from '../survey/generated-rows.ts'
import { everyRow } from './every-row.ts'

/** How many rows a table gets; more of them for a longer run (CONTRIBUTING.md). */
const rowsPerTable = Number(process.env['LOCKSTEP_ROWS'] ?? 25)

/** The rows that differ, and those in quarantine: none is lost that is not named. */
async function named(pair: Pair): Promise<{ differ: string[]; quarantined: string[] }> {
  const { differences } = await pair.db.verify()
  const rows = await pair.pgRows('SELECT tbl, key FROM lockstep.quarantine')
  return {
    differ: [...new Set(differences.map(({ table, key }) => `${table} ${key}`))].toSorted(),
    quarantined: rows.map((row) => row.join(' ')).toSorted(),
  }
}

describeWithData('apps.jsonl', (path) => {
  test.each(appSchemas(path))(
    'rows of $app that keep to types, keys and foreign keys go over, and come back, bit for bit',
    async ({ sql }) => {
      await using pair = await openPair({ schema: '', stage: 'plain' })
      makeSchema(pair.sqlite, sql)
      expect(fill(pair.sqlite, rowsPerTable)).toBeGreaterThan(rowsPerTable)
      const { findings } = await pair.db.assess()
      expect(findings.filter(({ keys }) => keys.length > 0)).toEqual([])
      await travel(pair.db, 'mirrored')
      const before = everyRow(pair)
      expect(await pair.db.verify()).toMatchObject({ equal: true, problems: [] })
      await flip(pair.db, { force: true })
      expect(await pair.db.verify()).toMatchObject({ equal: true })
      // Every row is shipped back.
      for (const table of Object.keys(before)) await pair.db.repair({ table })
      await pair.db.caughtUp()
      expect(everyRow(pair)).toEqual(before)
      await rollback(pair.db)
      expect(await pair.db.verify()).toMatchObject({ equal: true, problems: [] })
      expect(everyRow(pair)).toEqual(before)
    },
    120_000,
  )

  test.each(appSchemas(path))(
    "rows of $app that abuse SQLite's typing go over or are named, and none is lost, there and back",
    async ({ sql }) => {
      await using pair = await openPair({ schema: '', stage: 'plain' })
      for (const statement of splitScript(sql))
        if (!/\bfts|TRIGGER/i.test(statement)) pair.sqlite.exec(statement)
      fill(pair.sqlite, rowsPerTable)
      expect(misuse(pair.sqlite)).toBeGreaterThan(8)
      await travel(pair.db, 'mirrored')
      const before = everyRow(pair)
      const there = await named(pair)
      expect(there.quarantined.length).toBeGreaterThan(5)
      expect(there.differ).toEqual(there.quarantined)
      await flip(pair.db, { force: true })
      await rollback(pair.db, { force: true })
      await pair.db.caughtUp()
      expect(everyRow(pair)).toEqual(before)
      const back = await named(pair)
      expect(back.differ).toEqual(there.differ)
    },
    120_000,
  )
})
