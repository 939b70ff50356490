import { isLockstepError } from '../core/errors.ts'
import type { Catalog } from './catalog.ts'
import { triggerKind } from './ddl/trigger.ts'
import { quoteName } from './quote.ts'
import { describeColumns } from './translate/describe.ts'
import { createTranslator } from './translate/translator.ts'
import { translatingViews } from './view-writes.ts'
import { withViews, type View } from './views.ts'

export interface UncarriedView {
  readonly name: string
  /** What the translator says of it. */
  readonly reason: string
}

/** The views that statements write on SQLite and could not write on PostgreSQL. */
export function uncarriedViews(
  catalog: Catalog,
  views: ReadonlyMap<string, View>,
): UncarriedView[] {
  const translator = translatingViews(createTranslator(catalog), { catalog, views })
  return [...views.values()].flatMap((view) => {
    const events = new Set(view.triggers.map(triggerKind))
    try {
      for (const event of events)
        for (const sql of writesOf(view, event, columnsOf(view, catalog, views)))
          translator.translate(sql, [])
      return []
    } catch (error) {
      if (isLockstepError(error)) return [{ name: view.name, reason: error.message }]
      throw error
    }
  })
}

/** Statements that fire all triggers of an event, with values of the view's own classes. */
function writesOf({ name }: View, event: string, columns: readonly string[]): string[] {
  const view = quoteName(name)
  if (event === 'InsteadOf INSERT') return [`INSERT INTO ${view} SELECT * FROM ${view}`]
  if (event === 'InsteadOf DELETE') return [`DELETE FROM ${view}`]
  return [`UPDATE ${view} SET ${columns.map((column) => `${column} = ${column}`).join(', ')}`]
}

function columnsOf(view: View, catalog: Catalog, views: ReadonlyMap<string, View>): string[] {
  const all = withViews(`SELECT * FROM ${quoteName(view.name)}`, [view.name], views)
  return [...new Set(describeColumns(all, catalog).map((column) => quoteName(column.name)))]
}
