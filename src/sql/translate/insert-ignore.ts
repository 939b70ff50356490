import { quoteName } from '../quote.ts'
import { checksHold } from './checks.ts'
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
import type { Source } from './scope.ts'

/**
 * OR IGNORE leaves out a row that collides, and one that has NULL where it must not be or that fails a
 * CHECK, which ON CONFLICT DO NOTHING does not. https://www.sqlite.org/lang_conflict.html
 */
export function translateInsertIgnore(insertion: Insertion): Plan {
  const { target, rows, emitter } = insertion
  const { relation } = target
  if (relation.hasTriggers) {
    // SQLite has the statements of the triggers ignore conflicts as well.
    const construct = 'INSERT OR IGNORE on a table with triggers'
    throw emitter.unsupported(construct, target.offset, 'Use ON CONFLICT DO NOTHING')
  }
  const outcome = { conflict: ' ON CONFLICT DO NOTHING', updates: false }
  const needed = refusingColumns(insertion)
  const saves = isAutomatic(insertion) ? possibleKeys(insertion) : []
  if (needed.length + saves.length + (relation.checks?.length ?? 1) === 0) {
    return insertPlan(insertion, directBody(rows, target, emitter), outcome)
  }
  const conditions = (row: Source): readonly string[] => [
    ...needed.map(({ postgresName }) => `${row.sqlName}.${quoteName(postgresName)} IS NOT NULL`),
    ...checksHold(row, target, emitter),
    // A row that is left out must not use up a rowid of the sequence, as it does not in SQLite.
    ...saves.map((key) => `NOT ${exists(key, row, insertion)}`),
  ]
  const body = guardedBody(insertion, conditions, { strict: false })
  return insertPlan(insertion, body, outcome)
}
