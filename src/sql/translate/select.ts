import type { Select } from 'sqlite3-parser'
import { isTrivia, tokenize } from '../parser.ts'
import { emitCompound } from './compound.ts'
import type { Emitter, SelectOptions, SelectText } from './emitter.ts'
import type { Scope } from './scope.ts'
import { emitCore } from './select-core.ts'
import { storedSelect } from './stored-select.ts'
import { emitValues } from './values.ts'

/** A whole query: WITH, its parts, ORDER BY and LIMIT. */
export function emitSelect(
  node: Select,
  parent: Scope | null,
  options: SelectOptions,
  emitter: Emitter,
): SelectText {
  const common = emitter.with(node.with, parent)
  const body = emitBody(node, common.scope, options, emitter)
  return { ...body, sql: common.sql + body.sql }
}

function emitBody(
  node: Select,
  scope: Scope | null,
  options: SelectOptions,
  emitter: Emitter,
): SelectText {
  const { select, compounds, orderBy, limit } = node
  checkTail(node, emitter)
  const isCompound = compounds !== undefined && compounds.length > 0
  if (options.store !== undefined && !canStoreInside(node)) {
    const inner = emitBody(node, scope, { sorted: true }, emitter)
    return storedSelect(inner, options, node.span.offset, emitter)
  }
  if (isCompound) return emitCompound(node, scope, options.sorted === true, emitter)
  if (select.type === 'SelectFrom')
    return emitCore(select, { orderBy, limit }, scope, options, emitter)
  return emitValues(select, scope, options, emitter)
}

/** In SQLite's grammar ORDER BY and LIMIT do not follow VALUES. https://www.sqlite.org/syntax/select-stmt.html */
function checkTail({ select, compounds, orderBy, limit }: Select, emitter: Emitter): void {
  const last = compounds?.at(-1)?.select ?? select
  const { offset } = orderBy?.[0]?.span ?? limit?.span ?? {}
  if (last.type !== 'SelectValues' || offset === undefined) return
  const end = last.span.offset + last.span.length
  const behind = tokenize(emitter.sql.slice(end)).find((token) => !isTrivia(token))
  throw emitter.wrong(`near "${behind?.text}": syntax error`, end + (behind?.offset ?? 0))
}

/** Rows are told apart and combined before a column's affinity changes their values. */
function canStoreInside({ select, compounds }: Select): boolean {
  if (compounds !== undefined && compounds.length > 0) return false
  return select.type === 'SelectValues' || select.distinctness !== 'Distinct'
}
