import { readViews, viewTexts, type View } from '../sql/views.ts'
import type { Connection } from './connection.ts'

/** The application's views, by folded name, in the order in which they were made. */
export function applicationViews(db: Connection): ReadonlyMap<string, View> {
  return readViews(db.prepare(viewTexts).all() as Parameters<typeof readViews>[0])
}
