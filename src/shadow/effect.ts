import type {
  AstNode,
  DistinctNames,
  InsertStmt,
  Select,
  SetAssignment,
  Stmt,
  TriggerCmd,
  Upsert,
} from 'sqlite3-parser'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { parseStatements } from '../sql/parser.ts'
import { foldName } from '../sql/quote.ts'
import { columnsNamedIn } from '../sql/translate/syntax.ts'
import { chanceIn } from './chance.ts'
import { decidedBy } from './decided.ts'
import { isUniqueOrder, keyedSourceOf } from './unique-order.ts'

/** What a write may change, by itself, by triggers and by foreign keys, and what of that no data decide. */
export interface Effect {
  /** Tables, folded. */
  readonly tables: ReadonlySet<string>
  /** Those among them in which it may change more rows than its count says: by triggers, foreign keys and REPLACE. */
  readonly uncounted: ReadonlySet<string>
  /** Those among them that it may insert rows into. */
  readonly inserts: ReadonlySet<string>
  /** Columns that are given by chance or the time, as folded `table.column`; none of them is a key. */
  readonly byChance: ReadonlySet<string>
  /** Why two right places may be left different in more than these columns, or null. */
  readonly undecided: string | null
  /** Why the rows that it leaves may be others on two right places; what it fails of says something all the same. */
  readonly loose: string | null
  /** The same where it changes several rows, or null. */
  readonly unordered: string | null
  /** An INSERT of its own may update a row instead, which gives no key. */
  readonly mayUpdate: boolean
  /** The columns that its expressions read, folded; null where they may be all. */
  readonly reads: ReadonlySet<string> | null
}

/** The writes of a trigger have the same shape under other names. */
type Written = Stmt | TriggerCmd

export function effectOf(sql: string, tables: readonly Table[]): Effect {
  const [statement] = parseStatements(sql)
  const reading = new EffectReader(tables)
  if (statement !== undefined) reading.read(statement)
  return reading
}

class EffectReader implements Effect {
  readonly tables = new Set<string>()
  readonly uncounted = new Set<string>()
  readonly inserts = new Set<string>()
  readonly byChance = new Set<string>()
  undecided: string | null = null
  loose: string | null = null
  unordered: string | null = null
  mayUpdate = false
  reads: Set<string> | null = new Set()
  readonly #byName: ReadonlyMap<string, Table>

  constructor(tables: readonly Table[]) {
    this.#byName = new Map(tables.map((table) => [foldName(table.name), table]))
  }

  /** @param isOne where it runs within a trigger: once for each row that the statement itself changes, and not more often */
  read(written: Written, isOne = true): void {
    if (!('tblName' in written) || typeof written.tblName !== 'object') return this.#chance(written)
    if (written.type === 'CreateTriggerStmt') return
    this.#note(columnsNamedIn(written))
    this.#write(written)
    if (written.type === 'InsertTriggerCmd') this.#number(written, isOne)
    const { objName } = written.tblName as { objName: { text: string } }
    this.#reach(foldName(objName.text), isOne && isOfOneRow(written))
  }

  #write(written: Written): void {
    const target = this.#byName.get(targetOf(written))
    if (target !== undefined && mayReplace(written, target))
      this.uncounted.add(foldName(target.name))
    if (written.type.startsWith('Insert')) this.inserts.add(targetOf(written))
    if (written.type === 'InsertStmt') {
      const { body } = written
      if (body.type === 'SelectInsertBody')
        this.#insert(written, written.columns, body.select, body.upsert)
      else this.#defaults(written, undefined)
    } else if (written.type === 'InsertTriggerCmd')
      this.#insert(written, written.colNames, written.select, written.upsert)
    else if (written.type === 'UpdateStmt' || written.type === 'UpdateTriggerCmd')
      this.#update(written, written.sets)
    else this.#chance(written)
    // An inner LIMIT may choose other rows on either place.
    this.undecided ??= decidedBy(written as Stmt).loose
  }

  #insert(
    node: InsertStmt | Extract<Written, { type: 'InsertTriggerCmd' }>,
    named: DistinctNames | undefined,
    select: Select,
    upsert: Upsert | undefined,
  ): void {
    const table = this.#byName.get(foldName(node.tblName.objName.text))
    const columns = columnsOf(table, named)
    this.#defaults(node, columns)
    const rows = rowsOf(select)
    if (rows === null) this.#chance(select)
    for (const row of rows ?? [])
      for (const [at, value] of row.entries()) this.#assign(node, columns[at], value)
    for (let next = upsert; next !== undefined; next = next.next)
      if (next.doClause.type === 'SetUpsertDo') {
        this.#update(node, next.doClause.sets)
        this.mayUpdate ||= node.type === 'InsertStmt'
      }
    const isAutomatic = !isKeyed(table, columns, rows)
    const meets = upsert !== undefined || node.orConflict !== undefined
    if (rows === null && !this.#isOrdered(select)) {
      if (isAutomatic) this.loose ??= 'keys of rows that come in no certain order'
      if (meets) this.loose ??= 'rows in no certain order that may stand in the way of each other'
    }
    // A row that is left out draws a key on PostgreSQL alone.
    if (rows?.length !== 1 && isAutomatic && meets)
      this.loose ??= 'keys behind a row that was left out'
  }

  #isOrdered(select: Select): boolean {
    const source = keyedSourceOf(select, [...this.#byName.values()])
    return select.with === undefined && isUniqueOrder(select.orderBy ?? [], source, select)
  }

  /** PostgreSQL visits the rows of a statement in another order, and so a trigger numbers its own in another one. */
  #number(command: Extract<Written, { type: 'InsertTriggerCmd' }>, isOne: boolean): void {
    const table = this.#byName.get(targetOf(command))
    const rows = rowsOf(command.select)
    if (isKeyed(table, columnsOf(table, command.colNames), rows)) return
    const reason = 'keys that a trigger gives, for rows in no certain order'
    if (isOne) this.unordered ??= reason
    else this.loose ??= reason
  }

  /** What no column list names gets its default. */
  #defaults(node: Written, columns: readonly string[] | undefined): void {
    const table = this.#byName.get(targetOf(node))
    for (const { name, defaultSql } of table?.columns ?? []) {
      if (defaultSql === null || columns?.includes(foldName(name)) === true) continue
      for (const value of parseStatements(`SELECT (${defaultSql})`))
        this.#assign(node, foldName(name), value)
    }
  }

  #update(node: Written, sets: readonly SetAssignment[]): void {
    const parts = node.type === 'UpdateStmt' || node.type === 'UpdateTriggerCmd' ? node : undefined
    for (const part of [parts?.from, parts?.whereClause]) if (part !== undefined) this.#chance(part)
    for (const { colNames, expr } of sets)
      for (const { text } of colNames) this.#assign(node, foldName(text), expr)
  }

  #assign(node: Written, column: string | undefined, value: AstNode): void {
    const chance = chanceIn([value])
    if (chance === null) return
    const table = this.#byName.get(targetOf(node))
    const keys = table === undefined ? [] : keyPositions(table)
    const isKey = keys.some(
      (at) => foldName(shippedColumns(table as Table)[at]?.name ?? '') === column,
    )
    if (table === undefined || column === undefined || isKey) this.undecided ??= chance
    else this.byChance.add(`${foldName(table.name)}.${column}`)
  }

  #chance(node: AstNode): void {
    this.undecided ??= chanceIn([node])
  }

  #note(names: ReadonlySet<string> | null): void {
    if (names === null) this.reads = null
    for (const name of names ?? []) this.reads?.add(name)
  }

  /** The triggers of a table, and the tables whose rows hang on its rows. */
  #reach(name: string, isOne: boolean): void {
    // The first is the statement's own.
    if (this.tables.size > 0) this.uncounted.add(name)
    if (this.tables.has(name)) return
    this.tables.add(name)
    for (const { sql } of this.#byName.get(name)?.triggers ?? []) {
      for (const trigger of parseStatements(sql)) {
        if (trigger.type !== 'CreateTriggerStmt') continue
        if (trigger.whenClause !== undefined) {
          this.#chance(trigger.whenClause)
          this.#note(columnsNamedIn(trigger.whenClause))
        }
        for (const command of trigger.commands) this.read(command, isOne)
      }
    }
    for (const child of this.#byName.values())
      if (child.foreignKeys.some(({ parent }) => foldName(parent) === name))
        this.#reach(foldName(child.name), false)
  }
}

function targetOf(node: Written): string {
  const { tblName } = node as { tblName?: { objName?: { text: string } } }
  return foldName(tblName?.objName?.text ?? '')
}

/** Whether rows that are in its way go, which its count does not say. */
function mayReplace(written: Written, { conflictClauses = false }: Table): boolean {
  return ('orConflict' in written && written.orConflict === 'Replace') || conflictClauses
}

/** The columns that an INSERT gives values for, folded. */
function columnsOf(table: Table | undefined, named: DistinctNames | undefined): readonly string[] {
  if (named !== undefined) return named.map(({ text }) => foldName(text))
  const own = table?.columns.filter(({ generated }) => !generated) ?? []
  return own.map(({ name }) => foldName(name))
}

/** Whether an INSERT names the key of its rows itself. */
function isKeyed(
  table: Table | undefined,
  columns: readonly string[],
  rows: readonly (readonly AstNode[])[] | null,
): boolean {
  if (table === undefined) return true
  const at = columns.indexOf(foldName(table.key.columns[0] ?? ''))
  return at >= 0 && rows?.some((row) => row[at]?.type === 'NullLiteral') !== true
}

/** Whether it changes one row at each run of its trigger; of the statement itself its count tells. */
function isOfOneRow(written: Written): boolean {
  if (written.type === 'InsertTriggerCmd') return rowsOf(written.select)?.length === 1
  return !written.type.endsWith('TriggerCmd')
}

/** The values of an INSERT by their columns; null for a query whose parts cannot be told apart. */
function rowsOf({ select, compounds = [], with: ctes, limit }: Select): AstNode[][] | null {
  if (compounds.length > 0 || ctes !== undefined || limit !== undefined) return null
  if (select.type === 'SelectValues') return select.values.map(({ values }) => [...values])
  const values = select.columns.flatMap((column) =>
    column.type === 'ExprResultColumn' ? [column.expr as AstNode] : [],
  )
  const isPlain = select.from === undefined && select.whereClause === undefined
  return isPlain && values.length === select.columns.length ? [values] : null
}
