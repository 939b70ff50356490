import { readFileSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { splitScript } from '../../src/sql/script.ts'

export interface AppSchema {
  readonly app: string
  readonly sql: string
}

/** The final schemas of real applications, from `apps.jsonl`. */
export function appSchemas(path: string): AppSchema[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AppSchema & { kind: string })
    .filter(({ kind }) => kind === 'schema')
}

/** Makes a schema of an application. The shadow tables of a virtual one, which SQLite makes itself, are there or reserved. */
export function makeSchema(db: Database.Database, sql: string): void {
  for (const statement of splitScript(sql)) {
    try {
      db.exec(statement)
    } catch (error) {
      if (!/reserved|already exists/.test(String(error))) throw error
    }
  }
}
