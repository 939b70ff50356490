import type { Expr, QualifiedName, ResultColumn } from 'sqlite3-parser'
import type { Catalog, Relation } from '../catalog.ts'
import { sqliteError, tokenize } from '../parser.ts'
import { readPlaceholders } from '../placeholders.ts'
import { foldName, quoteName } from '../quote.ts'
import { asValue, type TypedExpression } from './expression.ts'
import { toCondition } from './convert.ts'
import type { EmittedColumns, EmittedSelect, Emitter, Observed, Term } from './emitter.ts'
import { collate, emitExpression, emitRow } from './expressions.ts'
import { emitFrom } from './from.ts'
import { limitClause } from './limit.ts'
import { orderTerms } from './order.ts'
import type { Parameters } from './parameters.ts'
import { refuseClassOfPart } from './real-affinity.ts'
import { Refusal, unsupported } from './refuse.ts'
import { emittedColumn, itemValue, resultItems, sqlNames } from './results.ts'
import type { Scope, Source } from './scope.ts'
import { columnList } from './select-core.ts'
import { emitSelect } from './select.ts'
import { relationSource } from './sources.ts'
import { store, storeTyped } from './store.ts'
import { noteTerms } from './terms.ts'
import { emitWith } from './with.ts'

/** A level of SQLite's, of which it allows 1,000, is up to two of ours. */
const MAX_LEVELS = 2000
/** Some forms repeat an operand, which nested would repeat it without end. */
const MAX_STEPS = 50_000
const MAX_TEXT_LENGTH = 8_000_000

/** The one object through which the modules of a statement's translation reach each other. */
export function createEmitter(sql: string, catalog: Catalog, parameters: Parameters): Emitter {
  return emitterFor(sql, {
    catalog,
    parameters,
    ordinals: ordinalsByOffset(sql),
    counters: { depth: 0, names: 0, steps: 0 },
    reading: [],
    terms: new Map(),
  })
}

/** What one statement's emitters share, whatever text their nodes come from. */
interface State {
  readonly catalog: Catalog
  readonly parameters: Parameters
  readonly ordinals: ReadonlyMap<number, number>
  /** Levels that are open, and names of our own and expressions so far. */
  readonly counters: { depth: number; names: number; steps: number }
  /** For each query that is being emitted, the sources that were read while it was. */
  readonly reading: Set<readonly Source[]>[]
  readonly terms: Map<Expr, Term>
}

function emitterFor(sql: string, state: State): Emitter {
  const { catalog, parameters } = state
  const emitter: Emitter = {
    sql,
    catalog,
    parameters,
    expression: (node, scope) =>
      emitter.nest(node, () => bounded(node, emitExpression(node, scope, emitter), state, emitter)),
    value: (node, scope) => asValue(emitter.expression(node, scope)),
    condition: (node, scope) =>
      emitter.nest(node, () => toCondition(emitter.expression(node, scope))),
    filter(node, scope) {
      noteTerms(node, state.terms)
      refuseClassOfPart(node, scope, emitter)
      return emitter.condition(node, scope)
    },
    termOf: (node) => state.terms.get(node),
    row: (node, scope) => emitRow(node, scope, emitter),
    collate: (value, node) => collate(value, node, emitter),
    store: (node, column, scope) => emitter.nest(node, () => store(node, column, scope, emitter)),
    storeTyped: (value, column, offset) =>
      emitter.nest({ span: { offset } }, () => storeTyped(value, column, offset, emitter)),
    parameterOf: (node) => parameterOf(node, state.ordinals),
    within: (text) => emitterFor(text, { ...state, ordinals: new Map() }),
    select: (node, scope, options = {}) =>
      emitter.nest(node, () =>
        correlating(scope, state, () => emitSelect(node, scope, options, emitter)),
      ),
    read: (sources) => {
      for (const reading of state.reading) reading.add(sources)
    },
    observe: (work) => observed(state, work),
    from: (node, scope) => emitter.nest(node, () => emitFrom(node, scope, emitter)),
    with: (node, scope, ordered) => emitWith(node, scope, emitter, ordered),
    results: (nodes, scope) => resultsOf(nodes, scope, emitter),
    orderBy(nodes, scope) {
      const terms = orderTerms(nodes ?? [], scope, emitter)
      return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`
    },
    limit: (node, scope) => limitClause(node, scope, emitter),
    relation: (name) => relationOf(name, catalog, emitter),
    source: relationSource,
    nest: (node, work) => nested(node.span.offset, work, state, emitter),
    freshName(stem) {
      state.counters.names += 1
      return quoteName(`${stem} ${state.counters.names}`)
    },
    wrong: (message, offset) => sqliteError(sql, message, offset),
    unsupported: (construct, offset, wayOut) => unsupported(sql, construct, offset, wayOut),
  }
  return emitter
}

function nested<T>(offset: number, work: () => T, state: State, emitter: Emitter): T {
  state.counters.depth += 1
  try {
    if (state.counters.depth > MAX_LEVELS) throw tooDeep(emitter, offset)
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw emitter.unsupported(error.construct, offset, error.wayOut)
  } finally {
    state.counters.depth -= 1
  }
}

/** A query is correlated where something in it reads the sources of a query around it. */
function correlating(
  scope: Scope | null,
  state: State,
  work: () => Omit<EmittedSelect, 'correlated'>,
): EmittedSelect {
  const { result: select, read } = observed(state, work)
  let correlated = false
  for (let each = scope; each !== null; each = each.parent) correlated ||= read.has(each.sources)
  return { ...select, correlated }
}

function observed<T>({ reading }: State, work: () => T): Observed<T> {
  const read = new Set<readonly Source[]>()
  reading.push(read)
  try {
    return { result: work(), read }
  } finally {
    reading.pop()
  }
}

function resultsOf(nodes: readonly ResultColumn[], scope: Scope, emitter: Emitter): EmittedColumns {
  const items = resultItems(nodes, scope, emitter)
  const aliases = sqlNames(items.map(({ name }) => name))
  const columns = items.map((item, index) => {
    const value = itemValue(item, scope, emitter)
    return emittedColumn(item.name, aliases[index] as string, value)
  })
  return { sql: columnList(columns), columns }
}

function tooDeep(emitter: Emitter, offset: number): Error {
  return emitter.wrong('Expression tree is too large (maximum depth 1000)', offset)
}

function bounded(
  node: Expr,
  expression: TypedExpression,
  { counters }: State,
  emitter: Emitter,
): TypedExpression {
  counters.steps += 1
  const { length } = emitter.sql
  const isTooMuch =
    counters.steps > MAX_STEPS + length || expression.sql.length > MAX_TEXT_LENGTH + 8 * length
  if (!isTooMuch) return expression
  const construct = 'An expression that would be repeated many times over'
  throw emitter.unsupported(construct, node.span.offset, 'Compute its parts in a subquery')
}

function ordinalsByOffset(sql: string): ReadonlyMap<number, number> {
  // To read every token takes as long as half of the parser's work.
  if (!sigil.test(sql)) return new Map()
  const { parameters, positions } = readPlaceholders(sql, tokenize(sql))
  return new Map(
    Array.from(positions, ([token, position]) => [
      token.offset,
      parameters[position - 1]?.ordinal ?? 0,
    ]),
  )
}

/** What a parameter begins with. https://www.sqlite.org/lang_expr.html#parameters */
const sigil = /[?:@$#]/

function parameterOf(node: Expr, ordinals: ReadonlyMap<number, number>): number | undefined {
  if (node.type === 'VariableExpr') return ordinals.get(node.span.offset)
  const [only, second] = node.type === 'ParenthesizedExpr' ? node.exprs : []
  return only !== undefined && second === undefined ? parameterOf(only, ordinals) : undefined
}

function relationOf(name: QualifiedName, catalog: Catalog, emitter: Emitter): Relation {
  const { objName, dbName } = name
  const schema = dbName === undefined ? 'main' : foldName(dbName.text)
  const found = schema === 'main' ? catalog.relation(objName.text) : undefined
  if (found !== undefined) return found
  if (/^(?:sqlite_|pragma_)/i.test(objName.text) && schema === 'main') {
    const wayOut = 'Ask it in a statement of its own, which the SQLite file answers'
    throw emitter.unsupported(objName.text, objName.span.offset, wayOut)
  }
  if (/^json_(?:each|tree)$/i.test(objName.text) && schema === 'main') {
    const wayOut = `Write ${objName.text}(x) instead of WHERE json = x`
    throw emitter.unsupported(`${objName.text} without its arguments`, objName.span.offset, wayOut)
  }
  const virtual = schema === 'main' ? catalog.virtualTables?.get(foldName(objName.text)) : undefined
  if (virtual !== undefined) {
    const construct = `The ${virtual.module} table ${objName.text}`
    const wayOut = 'Virtual tables stay on SQLite: see docs/limits.md'
    throw emitter.unsupported(construct, objName.span.offset, wayOut)
  }
  const spelled = dbName === undefined ? objName.text : `${dbName.text}.${objName.text}`
  throw emitter.wrong(`no such table: ${spelled}`, objName.span.offset)
}
