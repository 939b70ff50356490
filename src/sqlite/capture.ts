import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Index, Table } from '../schema/model.ts'

/**
 * The triggers that journal every changed key in the transaction of the change, and refuse the change
 * where SQLite is not the primary.
 *
 * Rules, each from SQLite's documentation and kept by test/sqlite/capture.test.ts:
 * - A row trigger fires for every writer: other processes, the shell, cascades, the application's triggers.
 * - REPLACE deletes rows without firing delete triggers while `recursive_triggers` is off, so BEFORE
 *   triggers journal the rows that the new one would evict through each UNIQUE index.
 *   https://www.sqlite.org/lang_conflict.html
 * - The conflict clause of the outer statement overrides those inside a trigger, so the journal has no
 *   constraint that OR IGNORE could swallow. https://www.sqlite.org/lang_createtrigger.html
 */
export function captureTriggers(table: Table): string[] {
  const name = (event: string): string => quote(`_lockstep_${table.id}_${event}`)
  const on = quote(table.name)
  const statements = [
    /* sql */ `CREATE TRIGGER ${name('insert')} AFTER INSERT ON ${on} BEGIN ${journal(table, 'NEW')}; END`,
    /* sql */ `CREATE TRIGGER ${name('update')} AFTER UPDATE ON ${on} BEGIN
      ${journal(table, 'NEW')};
      ${journal(table, 'OLD', keyChanged(table))};
    END`,
    /* sql */ `CREATE TRIGGER ${name('delete')} AFTER DELETE ON ${on} BEGIN ${journal(table, 'OLD')}; END`,
  ]
  const evictions = evictingIndexes(table).map((index) => journalEvicted(table, index))
  if (table.key.kind === 'declared' && !table.withoutRowid)
    evictions.push(journalEvictedByRowid(table))
  if (evictions.length > 0) {
    const body = (except: string): string =>
      `BEGIN ${evictions.map((eviction) => eviction + except).join('; ')}; END`
    // An updated row stands in its own way in every index, and is journaled by its AFTER trigger.
    const itself = ` AND ${otherThanOld(table)}`
    statements.push(
      `CREATE TRIGGER ${name('before_insert')} BEFORE INSERT ON ${on} ${body('')}`,
      `CREATE TRIGGER ${name('before_update')} BEFORE UPDATE ON ${on} ${body(itself)}`,
    )
  }
  return statements
}

/** Every trigger that `captureTriggers` can make for a table. */
export function captureTriggerNames(table: Pick<Table, 'id'>): string[] {
  return ['insert', 'update', 'delete', 'before_insert', 'before_update'].map(
    (event) => `_lockstep_${table.id}_${event}`,
  )
}

/** The most columns a key has: the journal needs as many. */
export function widestKey(tables: readonly Table[]): number {
  return Math.max(1, ...tables.map((table) => table.key.columns.length))
}

function journalColumns(table: Table): string {
  return table.key.columns.map((_, index) => `k${index}`).join(', ')
}

/**
 * One statement that is both capture and fence: it inserts nothing while the applier writes, and raises
 * where SQLite is held or is not the primary. (RAISE takes only a literal before SQLite 3.47, and any
 * shell that opens the file must be able to read the trigger.)
 */
function journal(table: Table, row: 'NEW' | 'OLD', condition = 'TRUE'): string {
  const key = table.key.columns.map((column) => `${row}.${quote(column)}`).join(', ')
  return /* sql */ `INSERT INTO _lockstep_journal (tbl, ${journalColumns(table)})
    SELECT CASE gate
        WHEN 0 THEN ${table.id}
        WHEN 2 THEN RAISE(ABORT, 'lockstep: writes are held for a moment, a flip is under way: try again')
        ELSE RAISE(ABORT, 'lockstep: this SQLite file is not the primary, writes go to PostgreSQL now')
      END, ${key}
      FROM _lockstep_control WHERE id = 1 AND gate <> 1 AND ${condition}`
}

/** BINARY, as in `keyChanged`. */
function otherThanOld(table: Table): string {
  const other = table.key.columns.map(
    (column) => `${quote(column)} COLLATE BINARY IS NOT OLD.${quote(column)}`,
  )
  return `(${other.join(' OR ')})`
}

/** BINARY, because a key that changes only by case under NOCASE is another key for PostgreSQL. */
function keyChanged(table: Table): string {
  const changed = table.key.columns.map(
    (column) => `OLD.${quote(column)} COLLATE BINARY IS NOT NEW.${quote(column)}`,
  )
  return `(${changed.join(' OR ')})`
}

/**
 * The unique indexes through which a new row can evict a row with another key: the primary key's own is
 * among them where its collation takes two spellings for one.
 */
function evictingIndexes(table: Table): Index[] {
  return table.indexes.filter(
    (index) =>
      index.unique &&
      (!isOfKey(index, table) || index.parts.some(({ collation }) => collation !== 'BINARY')),
  )
}

/** The index enforces the very key that the journal names rows by. */
function isOfKey({ origin }: Index, { key }: Table): boolean {
  return origin === 'pk' && key.kind !== 'rowid'
}

/**
 * The row that stands in the way in one UNIQUE index. The index's expressions are computed for the new
 * row by selecting them from a row of NEW's columns, so their text needs no rewriting; and the index's
 * own WHERE text is what lets SQLite use a partial index for the look-up.
 */
function journalEvicted(table: Table, index: Index): string {
  const newRow = table.columns.map(({ name }) => `NEW.${quote(name)} AS ${quote(name)}`).join(', ')
  const matches = index.parts.map((part) => {
    const collate = ` COLLATE ${quote(part.collation)}`
    return part.column === null
      ? `(${part.expression})${collate} = (SELECT ${part.expression} FROM (SELECT ${newRow}))`
      : `${quote(part.column)}${collate} = NEW.${quote(part.column)}`
  })
  if (index.where !== null) matches.push(`(${index.where})`)
  if (isOfKey(index, table)) {
    const others = table.key.columns.map(
      (column) => `${quote(column)} COLLATE BINARY IS NOT NEW.${quote(column)}`,
    )
    matches.push(`(${others.join(' OR ')})`)
  }
  return selectEvicted(table, matches.join(' AND '))
}

/** `INSERT OR REPLACE INTO t (rowid, ...)` evicts by rowid even where the declared key is another. */
function journalEvictedByRowid(table: Table): string {
  const shadowed = new Set(table.columns.map((column) => column.name.toLowerCase()))
  const alias = ['rowid', '_rowid_', 'oid'].find((name) => !shadowed.has(name))
  return selectEvicted(table, alias === undefined ? 'FALSE' : `${alias} = NEW.${alias}`)
}

function selectEvicted(table: Table, condition: string): string {
  const key = table.key.columns.map(quote).join(', ')
  return /* sql */ `INSERT INTO _lockstep_journal (tbl, ${journalColumns(table)})
    SELECT ${table.id}, ${key} FROM ${quote(table.name)}
     WHERE (SELECT gate FROM _lockstep_control WHERE id = 1) = 0 AND ${condition}`
}
