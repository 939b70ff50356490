import type Database from 'better-sqlite3'
import { foldName } from '../../src/schema/quote.ts'
import { readView, type View } from '../../src/sql/views.ts'

/** The application's views, by folded name, as `src/sources.ts` reads them for a running application. */
export function readViews(sqlite: Database.Database): ReadonlyMap<string, View> {
  const texts = sqlite
    .prepare(`SELECT sql FROM sqlite_schema WHERE type = 'view' AND sql IS NOT NULL`)
    .pluck()
    .all() as string[]
  const views = texts.flatMap((sql) => readView(sql) ?? [])
  return new Map(views.map((view) => [foldName(view.name), view]))
}
