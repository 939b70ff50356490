import { Observed } from './record.ts'

/** The statements of the application, each with its record. */
export interface Registry {
  of(sql: string): Observed
}

/** The most that are kept; of more, the one that came first goes. */
const maxStatements = 10_000

export function createRegistry(): Registry {
  const records = new Map<string, Observed>()
  return {
    of(sql) {
      const known = records.get(sql)
      if (known !== undefined) return known
      if (records.size >= maxStatements) records.delete(records.keys().next().value as string)
      const made = new Observed(sql)
      records.set(sql, made)
      return made
    },
  }
}
