import type Database from 'better-sqlite3'
import { readViews as viewsOf, viewTexts, type View } from '../../src/sql/views.ts'

/** The application's views, by folded name, as `src/traffic/sources.ts` reads them for a running application. */
export function readViews(sqlite: Database.Database): ReadonlyMap<string, View> {
  return viewsOf(sqlite.prepare(viewTexts).all() as Parameters<typeof viewsOf>[0])
}
