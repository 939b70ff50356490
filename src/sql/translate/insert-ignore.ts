import { quoteName } from '../quote.ts'
import { checksHold } from './checks.ts'
import type { Plan } from './emitter.ts'
import { directBody } from './insert-body.ts'
import { skippingBody } from './insert-skipping.ts'
import {
  insertPlan,
  mayBeAutomatic,
  possibleKeys,
  refusingColumns,
  type Insertion,
} from './insertion.ts'
import type { Source } from './scope.ts'
import { refuseComputedNull } from './target.ts'

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
  refuseComputedNull(target, 'INSERT OR IGNORE', emitter)
  const outcome = { conflict: ' ON CONFLICT DO NOTHING', updates: false }
  const needed = refusingColumns(insertion)
  const keys = mayBeAutomatic(insertion) ? possibleKeys(insertion) : []
  if (needed.length + keys.length + (relation.checks?.length ?? 1) === 0) {
    return insertPlan(insertion, directBody(rows, target, emitter), outcome)
  }
  const conditions = (row: Source): readonly string[] => [
    ...needed.map(({ postgresName }) => `${row.sqlName}.${quoteName(postgresName)} IS NOT NULL`),
    ...checksHold(row, target, emitter),
  ]
  const body = skippingBody({ keys, conditions, strict: false }, insertion)
  return insertPlan(insertion, body, outcome)
}
