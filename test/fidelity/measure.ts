import { test } from 'vitest'
import { createPlainTranslator } from '../support/plain-translator.ts'
import { createTranslator } from '../../src/sql/translate/translator.ts'
import { runSqlTests } from './corpora/sqltest.ts'
import { runStatements } from './corpora/statements.ts'
import { runApplications } from './corpora/apps.ts'
import { runLogicTests } from './corpora/sqllogictest.ts'
import { replayTrace } from './corpora/traces.ts'
import { fuzz } from './fuzz/run.ts'
import { openFidelityServer } from './server.ts'

const every = Number(process.env['EVERY'] ?? 20)
const only = process.env['ONLY'] ?? ''
test('x', async () => {
  await using server = await openFidelityServer()
  const make = process.env['PLAIN'] ? createPlainTranslator : createTranslator
  for (const [name, run] of Object.entries({
    sqltest: () => runSqlTests(server, make, { every }),
    statements: () => runStatements(server, make),
    drizzle: () => replayTrace(server, make, 'drizzle', { every }),
    claude: () => replayTrace(server, make, 'claude-mem', { every }),
    fuzz: () =>
      fuzz(server, make, {
        seed: Number(process.env['SEED'] ?? 1),
        runs: Number(process.env['RUNS'] ?? 2000),
      }),
    apps: () => runApplications(server, make),
    logic: () => runLogicTests(server, make, { every }),
  })) {
    if (only !== '' && only !== name) continue
    const t = performance.now()
    const score = await run()
    process.stderr.write(
      `## ${name} ${JSON.stringify(score?.counts)} ${JSON.stringify([...(score?.leftOut ?? [])])} ${performance.now() - t}\n`,
    )
    for (const v of ['different', 'unclear', 'refused'] as const)
      for (const [cause, misses] of score?.causes(v) ?? []) {
        process.stderr.write(`${v} ${misses.length} ${cause}\n`)
        for (const m of misses.slice(0, v === 'different' ? 5 : 2))
          process.stderr.write(`   [${m.id}] ${m.sql.slice(0, 600)} :: ${m.detail.slice(0, 400)}\n`)
      }
  }
})
