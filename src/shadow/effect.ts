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
import { chanceIn, decidedBy } from './decided.ts'

/** What a write may change, by itself, by triggers and by foreign keys, and what of that no data decide. */
export interface Effect {
  /** Tables, folded. */
  readonly tables: ReadonlySet<string>
  /** Columns that are given by chance or the time, as folded `table.column`; none of them is a key. */
  readonly byChance: ReadonlySet<string>
  /** Why two right places may be left different in more than these columns, or null. */
  readonly undecided: string | null
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
  readonly byChance = new Set<string>()
  undecided: string | null = null
  reads: Set<string> | null = new Set()
  readonly #byName: ReadonlyMap<string, Table>

  constructor(tables: readonly Table[]) {
    this.#byName = new Map(tables.map((table) => [foldName(table.name), table]))
  }

  read(written: Written): void {
    if (!('tblName' in written) || typeof written.tblName !== 'object') return this.#chance(written)
    if (written.type === 'CreateTriggerStmt') return
    this.#note(columnsNamedIn(written))
    this.#write(written)
    const { objName } = written.tblName as { objName: { text: string } }
    this.#reach(foldName(objName.text))
  }

  #write(written: Written): void {
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
    const columns =
      named?.map(({ text }) => foldName(text)) ??
      table?.columns.filter(({ generated }) => !generated).map(({ name }) => foldName(name)) ??
      []
    this.#defaults(node, columns)
    const rows = rowsOf(select)
    if (rows === null) this.#chance(select)
    for (const row of rows ?? [])
      for (const [at, value] of row.entries()) this.#assign(node, columns[at], value)
    for (let next = upsert; next !== undefined; next = next.next)
      if (next.doClause.type === 'SetUpsertDo') this.#update(node, next.doClause.sets)
    const isKeyed = table === undefined || columns.includes(foldName(table.key.columns[0] ?? ''))
    if (isKeyed || rows?.length === 1) return
    if (rows === null) this.undecided ??= 'keys of rows that come in no certain order'
    // A row that is left out draws a key on PostgreSQL alone.
    else if (node.orConflict !== undefined || upsert !== undefined)
      this.undecided ??= 'keys behind a row that was left out'
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
  #reach(name: string): void {
    if (this.tables.has(name)) return
    this.tables.add(name)
    for (const { sql } of this.#byName.get(name)?.triggers ?? []) {
      for (const trigger of parseStatements(sql)) {
        if (trigger.type !== 'CreateTriggerStmt') continue
        if (trigger.whenClause !== undefined) this.#chance(trigger.whenClause)
        for (const command of trigger.commands) this.read(command)
      }
    }
    for (const child of this.#byName.values())
      if (child.foreignKeys.some(({ parent }) => foldName(parent) === name))
        this.#reach(foldName(child.name))
  }
}

function targetOf(node: Written): string {
  const { tblName } = node as { tblName?: { objName?: { text: string } } }
  return foldName(tblName?.objName?.text ?? '')
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
