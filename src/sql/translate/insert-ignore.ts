import { quoteName } from '../quote.ts'
import type { Plan } from './emitter.ts'
import { directBody } from './insert-body.ts'
import {
  exists,
  guardedBody,
  insertPlan,
  isAutomatic,
  possibleKeys,
  refusingColumns,
  type Insertion,
} from './insertion.ts'
import { createScope, type Source } from './scope.ts'
import { schemaText } from './stored-default.ts'

/**
 * OR IGNORE leaves out a row that collides, and one that has NULL where it must not be or that fails a
 * CHECK, which ON CONFLICT DO NOTHING does not. https://www.sqlite.org/lang_conflict.html
 */
export function translateInsertIgnore(insertion: Insertion): Plan {
  const { target, rows, emitter } = insertion
  const { relation, offset } = target
  if (relation.hasTriggers) {
    const construct = 'INSERT OR IGNORE on a table with triggers'
    throw emitter.unsupported(construct, offset, 'Use ON CONFLICT DO NOTHING')
  }
  if (relation.checks === null) {
    const construct = 'INSERT OR IGNORE on a table whose CHECK constraints are not known'
    throw emitter.unsupported(construct, offset, 'Use ON CONFLICT DO NOTHING')
  }
  const outcome = { conflict: ' ON CONFLICT DO NOTHING', updates: false }
  const needed = refusingColumns(insertion)
  const saves = isAutomatic(insertion) ? possibleKeys(insertion) : []
  if (needed.length + relation.checks.length + saves.length === 0) {
    return insertPlan(insertion, directBody(rows, target, emitter), outcome)
  }
  const body = guardedBody(insertion, (row) => [
    ...needed.map(({ postgresName }) => `${row.sqlName}.${quoteName(postgresName)} IS NOT NULL`),
    ...checks(row, insertion),
    // A row that is left out must not use up a rowid of the sequence, as it does not in SQLite.
    ...saves.map((key) => `NOT ${exists(key, row, insertion)}`),
  ])
  return insertPlan(insertion, body, outcome)
}

/** A CHECK that is NULL holds. */
function checks(row: Source, { target, emitter }: Insertion): string[] {
  const scope = createScope(null, { sources: [row] })
  return (target.relation.checks ?? []).map((text) => {
    const check = schemaText(text, emitter, target.offset)
    return `(${check.emitter.condition(check.node, scope)}) IS NOT FALSE`
  })
}
