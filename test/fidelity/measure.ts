import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createPlainTranslator } from '../support/plain-translator.ts'
import { writeFloors } from './floors.ts'
import type { Score } from './outcome.ts'
import { indexUseText, measureIndexUse } from './index-use.ts'
import { reportText, type Measured } from './report.ts'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { openSqlite } from './sqlite-side.ts'
import { fuzzSeed, suites, translator, type Extent, type Suite } from './suites.ts'

// npm run fidelity. FIDELITY_ONLY=sqltest,fuzz runs some suites and writes no report; FIDELITY_EXTENT=ci the
// part that CI runs; FIDELITY_SEED and FIDELITY_RUNS steer the fuzzer; FIDELITY_LOG names a file for every
// miss, one JSON object a line.
const only = (process.env['FIDELITY_ONLY'] ?? '').split(',').filter((name) => name !== '')
const extents: readonly Extent[] = process.env['FIDELITY_EXTENT'] === 'ci' ? ['ci'] : ['ci', 'full']
const reportFile = new URL('../../docs/fidelity.md', import.meta.url)

test('the measure of fidelity', async () => {
  await using server = await openFidelityServer()
  const chosen = suites.filter(({ name }) => only.length === 0 || only.includes(name))
  expect(chosen).not.toEqual([])
  for (const extent of extents) {
    const measured: Measured[] = []
    const scores = new Map<string, Score>()
    for (const suite of chosen) {
      const result = await measure(server, suite, extent)
      if (result === null) continue
      measured.push(result)
      scores.set(suite.name, result.score)
    }
    if (only.length > 0) continue
    writeFloors(extent, scores)
    if (extent !== 'full') continue
    const indexes = indexUseText(await measureIndexUse(server, translator))
    writeFileSync(reportFile, reportText(measured, [indexes], facts(server)))
  }
})

async function measure(
  server: FidelityServer,
  suite: Suite,
  extent: Extent,
): Promise<Measured | null> {
  const started = performance.now()
  const score = await suite.run(server, translator, extent)
  if (score === null) return null
  const ms = performance.now() - started
  log(suite, score, extent, ms)
  const baseline = await suite.run(server, createPlainTranslator, 'ci')
  return { suite, score, baseline, ms }
}

function log({ name }: Suite, score: Score, extent: Extent, ms: number): void {
  const counts = Object.entries(score.counts).map(([verdict, count]) => `${verdict} ${count}`)
  process.stderr.write(`${name} (${extent}): ${counts.join(', ')} in ${Math.round(ms / 1000)} s\n`)
  const file = process.env['FIDELITY_LOG']
  if (file === undefined) return
  const lines = score.misses.map((miss) => JSON.stringify({ suite: name, extent, ...miss }))
  writeFileSync(file, lines.join('\n') + '\n', { flag: 'a' })
}

function facts(server: FidelityServer): Parameters<typeof reportText>[2] {
  const db = openSqlite()
  const sqlite = db.prepare('SELECT sqlite_version()').pluck().get() as string
  db.close()
  return { sqlite, postgres: server.version, seed: fuzzSeed }
}
