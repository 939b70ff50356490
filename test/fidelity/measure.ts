import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createPlainTranslator } from '../support/plain-translator.ts'
import { writeFloors } from './floors.ts'
import { indexUseText, measureIndexUse } from './index-use.ts'
import type { Score } from './outcome.ts'
import { reportText } from './report.ts'
import { readResults, resultOf, writeResults, type Results } from './results.ts'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { openSqlite } from './sqlite-side.ts'
import { fuzzSeed, suites, translator, type Extent, type Suite } from './suites.ts'

// npm run fidelity. Each suite is written down when it has been measured, so that a run may end before all of them
// have. FIDELITY_ONLY=sqltest,fuzz runs some; FIDELITY_EXTENT=ci or full one part; FIDELITY_SEED and FIDELITY_RUNS
// steer the fuzzer; FIDELITY_TRY=1 writes nothing down; FIDELITY_LOG names a file for every miss, one JSON object a line.
const only = (process.env['FIDELITY_ONLY'] ?? '').split(',').filter((name) => name !== '')
const extents = (process.env['FIDELITY_EXTENT'] ?? 'ci,full').split(',') as readonly Extent[]
const isTried = process.env['FIDELITY_TRY'] !== undefined
const reportFile = new URL('../../docs/fidelity.md', import.meta.url)

test('the measure of fidelity', async () => {
  await using server = await openFidelityServer()
  const chosen = suites.filter(({ name }) => only.length === 0 || only.includes(name))
  expect(chosen).not.toEqual([])
  for (const extent of extents) for (const suite of chosen) await measure(server, suite, extent)
  if (isTried || !extents.includes('full')) return
  const indexUse = indexUseText(await measureIndexUse(server, translator))
  report({ ...facts(server), indexUse })
})

async function measure(server: FidelityServer, suite: Suite, extent: Extent): Promise<void> {
  const started = performance.now()
  const score = await suite.run(server, translator, extent)
  if (score === null) return
  log(suite, score, extent, performance.now() - started)
  if (isTried) return
  writeFloors(extent, new Map([[suite.name, score]]))
  if (extent !== 'full') return
  const baseline = await suite.run(server, createPlainTranslator, 'ci')
  report({ suites: { [suite.name]: resultOf(suite, score, baseline) } })
}

/** What was measured last of each suite, in their order. */
function report(measured: Partial<Results>): void {
  const before = readResults()
  const known = { ...before.suites, ...measured.suites }
  const inOrder = suites.flatMap(({ name }) => {
    const result = known[name]
    return result === undefined ? [] : [[name, result] as const]
  })
  const results = { ...before, ...measured, suites: Object.fromEntries(inOrder) }
  writeResults(results)
  writeFileSync(reportFile, reportText(results))
}

function log({ name }: Suite, score: Score, extent: Extent, ms: number): void {
  const counts = Object.entries(score.counts).map(([verdict, count]) => `${verdict} ${count}`)
  process.stderr.write(`${name} (${extent}): ${counts.join(', ')} in ${Math.round(ms / 1000)} s\n`)
  const file = process.env['FIDELITY_LOG']
  if (file === undefined) return
  const lines = score.misses.map((miss) => JSON.stringify({ suite: name, extent, ...miss }))
  writeFileSync(file, lines.join('\n') + '\n', { flag: 'a' })
}

function facts(server: FidelityServer): Pick<Results, 'sqlite' | 'postgres' | 'seed'> {
  const db = openSqlite()
  const sqlite = db.prepare('SELECT sqlite_version()').pluck().get() as string
  db.close()
  return { sqlite, postgres: server.version, seed: fuzzSeed }
}
