import { expect, test } from 'vitest'
import { describeWithData } from '../support/data.ts'
import { flip, openPair, rollback, travel } from '../support/pair.ts'
import { loadSample } from '../support/samples.ts'
import { everyRow } from './every-row.ts'

const samples = [
  { file: 'chinook.sqlite', rows: 15_607 },
  { file: 'northwind.sqlite', rows: 3310 },
]

for (const { file, rows } of samples)
  describeWithData(file, (path) => {
    test('every row goes over, and comes back after a flip, bit for bit', async () => {
      await using pair = await openPair({ schema: '', stage: 'plain' })
      loadSample(pair.sqlite, path)
      const { findings } = await pair.db.assess()
      expect(findings.filter(({ keys }) => keys.length > 0)).toEqual([])
      await travel(pair.db, 'mirrored')
      const before = everyRow(pair)
      expect(Object.values(before).flat()).toHaveLength(rows)
      expect(await pair.db.verify()).toMatchObject({ equal: true, problems: [] })
      await flip(pair.db, { force: true })
      expect(await pair.db.verify()).toMatchObject({ equal: true })
      for (const table of Object.keys(before)) await pair.db.repair({ table })
      await pair.db.caughtUp({ timeoutMs: 60_000 })
      expect(everyRow(pair)).toEqual(before)
      await rollback(pair.db)
      expect(await pair.db.verify()).toMatchObject({ equal: true, problems: [] })
      expect(everyRow(pair)).toEqual(before)
    }, 240_000)
  })
