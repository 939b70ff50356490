import type { FidelityServer } from './server.ts'
import { translator } from './suites.ts'
import { Twin } from './twin.ts'

/** What becomes of each statement, and of what stands there then: a verdict, or in what the places differ. */
export async function verdicts(
  server: FidelityServer,
  schema: string,
  ...statements: readonly string[]
): Promise<string[]> {
  const twin = await Twin.open(server, { makeTranslator: translator })
  try {
    twin.sqlite.pragma('foreign_keys = ON')
    twin.sqlite.exec(schema)
    const found: string[] = []
    for (const sql of statements) {
      const { outcome } = await twin.run(sql)
      found.push(outcome?.verdict === 'different' ? outcome.detail : (outcome?.verdict ?? 'none'))
    }
    return found
  } finally {
    await twin.close()
    await server.renew()
  }
}
