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
import { refuseComputedNull, refusePolicies, refuseUncounted } from './target.ts'

/**
 * OR IGNORE leaves out a row that collides, and one that has NULL where it must not be or that fails a
 * CHECK, which ON CONFLICT DO NOTHING does not. https://www.sqlite.org/lang_conflict.html
 */
export function translateInsertIgnore(insertion: Insertion): Plan {
  const { target, rows, emitter } = insertion
  const { relation, offset } = target
  // SQLite has the statements of the triggers ignore conflicts as well: where they meet any, this one fails.
  refusePolicies('INSERT OR IGNORE', target, emitter)
  refuseUncounted('INSERT OR IGNORE', rows.many, target, emitter)
  refuseComputedNull(target, 'INSERT OR IGNORE', emitter)
  const outcome = { conflict: ' ON CONFLICT DO NOTHING', updates: false }
  const needed = refusingColumns(insertion)
  const keys = mayBeAutomatic(insertion) ? possibleKeys(insertion) : []
  const ignores = relation.hasTriggers ? { ignoresConflicts: true } : {}
  if (needed.length + keys.length + (relation.checks?.length ?? 1) === 0) {
    return { ...insertPlan(insertion, directBody(rows, target, emitter), outcome), ...ignores }
  }
  if (relation.before?.has('INSERT') === true) {
    const construct = 'INSERT OR IGNORE that leaves rows out for which BEFORE triggers have run'
    throw emitter.unsupported(construct, offset, 'Use ON CONFLICT DO NOTHING')
  }
  const conditions = (row: Source): readonly string[] => [
    ...needed.map(({ postgresName }) => `${row.sqlName}.${quoteName(postgresName)} IS NOT NULL`),
    ...checksHold(row, target, emitter),
  ]
  const body = skippingBody({ keys, conditions, strict: false }, insertion)
  return { ...insertPlan(insertion, body, outcome), ...ignores }
}
