import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../support/data.ts'
import { learn, statementsOf } from '../case.ts'
import { Score } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'
import { leavesSameState, Twin } from '../twin.ts'

/**
 * SQLite's own sqllogictest: no headline, as PostgreSQL passes nearly all of it without a translator, but
 * what passed once must go on passing. @param every runs one query of so many
 */
export async function runLogicTests(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  { every = 1 }: { every?: number } = {},
): Promise<Score | null> {
  const folder = sharedData('sqllogictest')
  if (folder === null) return null
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test'))
    .toSorted()
  const score = new Score()
  for (const file of files) {
    const statements = statementsOf(statementsIn(readFileSync(join(folder, file), 'utf8')))
    const types = learn(
      statements.filter((sql) => !isQuery(sql)),
      null,
    )
    await server.renew()
    const twin = await Twin.open(server, { makeTranslator, types })
    try {
      for (const [index, sql] of statements.entries()) {
        if (isQuery(sql) && index % every !== 0) continue
        const { outcome, kind } = await twin.run(sql)
        if (outcome === null || kind === 'ddl') score.leaveOut(kind)
        else score.add(`${file} ${index}`, sql, outcome)
        if (outcome !== null && !leavesSameState(outcome) && !isQuery(sql)) twin.forget()
      }
    } finally {
      await twin.close()
    }
  }
  return score
}

function isQuery(sql: string): boolean {
  return /^\s*(?:select|with|values)\b/i.test(sql)
}

/** The statements of a file that are meant for SQLite. https://www.sqlite.org/sqllogictest/doc/trunk/about.wiki */
function statementsIn(text: string): string[] {
  const records = text.replaceAll('\r', '').split(/\n{2,}/)
  const statements: string[] = []
  for (const record of records) {
    const lines = record.split('\n').filter((line) => !line.startsWith('#') && line !== '')
    let skipped = false
    while (/^(?:skipif|onlyif|halt|hash-threshold)/.test(lines[0] ?? '')) {
      const line = lines.shift() ?? ''
      if (/^skipif sqlite\b/.test(line) || (line.startsWith('onlyif') && !/sqlite/.test(line)))
        skipped = true
      if (line.startsWith('halt') && !skipped) return statements
    }
    if (skipped || !/^(?:statement|query)/.test(lines[0] ?? '')) continue
    const end = lines.findIndex((line) => line.startsWith('----'))
    statements.push(lines.slice(1, end < 0 ? undefined : end).join('\n'))
  }
  return statements
}
