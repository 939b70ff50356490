import { test } from 'vitest'
import { createPlainTranslator } from '../../src/sql/plain-translator.ts'
import { runSqlTests } from './corpora/sqltest.ts'
import { openFidelityServer } from './server.ts'

test('x', async () => {
  await using server = await openFidelityServer()
  const t = performance.now()
  const score = await runSqlTests(server, createPlainTranslator, {
    every: Number(process.env['EVERY'] ?? 20),
  })
  process.stderr.write(`${JSON.stringify(score?.counts)} ${performance.now() - t}\n`)
  for (const v of ['different', 'unclear', 'refused'] as const)
    for (const [cause, misses] of score?.causes(v) ?? [])
      process.stderr.write(
        `${v} ${misses.length} ${cause}\n   ${misses[0]?.sql} :: ${misses[0]?.detail.slice(0, 300)}\n`,
      )
})
