import { copyFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import type { MappedTable } from '../schema/mapped.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { copySqliteFile, NotADatabaseError } from './copy-file.ts'
import { createFileReader } from './file-reader.ts'
import { findShapes, type FileShapes } from './file-shapes.ts'
import { toFileTables } from './file-tables.ts'
import { createFileWriter } from './file-writer.ts'
import { leaveOut } from './left-out.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { fitToPostgres, type Fitted } from './set-aside.ts'

/** Generic traffic on a copy, in `folder`, of somebody's SQLite file. The file itself is only read. */
export async function createFileScenario(
  folder: string,
  original: string,
  seed: number,
): Promise<Scenario> {
  const file = join(folder, 'copy.db')
  await copySqliteFile(original, file)
  const { fitted, rows, leftOut } = prepareCopy(file)
  if (fitted.tables.length === 0) throw nothingToMove(original, leftOut)
  const shapes = tryShapes(file, join(folder, 'scratch.db'), fitted.tables, seed)
  const busy = shapes.filter(({ updates, clone }) => updates.length > 0 || clone !== null)
  if (busy.length === 0) throw nothingToWrite(original, noticesOf(shapes, fitted))
  return {
    title: `a copy of ${basename(original)}, ${rows.toLocaleString('en-US')} rows`,
    file,
    columns: fitted.columns,
    setAside: fitted.aside.reduce((sum, one) => sum + one.rows, 0),
    leftOut,
    notices: [...leftOut.map((line) => `left out: ${line}`), ...noticesOf(shapes, fitted)],
    overruled: ['triggers', 'orphans'],
    writers: (count, random) =>
      Array.from({ length: count }, (_, writer) =>
        createFileWriter(writer, count, busy, random.fork(`file writer ${writer}`)),
      ),
    readers: (count, random) =>
      Array.from({ length: count }, (_, reader) =>
        createFileReader(shapes, random.fork(`file reader ${reader}`)),
      ),
    afterSchema: async () => {},
  }
}

function nothingToMove(original: string, leftOut: readonly string[]): NotADatabaseError {
  return new NotADatabaseError(
    leftOut.length === 0
      ? `${original} has no tables, so there is nothing to move`
      : `${original} has no table that could be moved: ${leftOut.join('; ')}`,
  )
}

/** A journey without writes would prove nothing. */
function nothingToWrite(original: string, notices: readonly string[]): NotADatabaseError {
  return new NotADatabaseError(
    `${original} has no table that the demo can write to, so it could show nothing: ${notices.join('; ')}`,
  )
}

function prepareCopy(file: string): { fitted: Fitted; rows: number; leftOut: string[] } {
  const db = new Database(file)
  try {
    const leftOut = leaveOut(db).map(({ table, reason }) => `${table}: ${reason}`)
    const fitted = fitToPostgres(db)
    const rows = fitted.tables.reduce((sum, { name }) => {
      const count = db
        .prepare<unknown[], number>(`SELECT count(*) FROM ${quote(name)}`)
        .pluck()
        .get()
      return sum + (count ?? 0)
    }, 0)
    return { fitted, rows, leftOut }
  } finally {
    db.close()
  }
}

function tryShapes(
  file: string,
  scratchFile: string,
  tables: readonly MappedTable[],
  seed: number,
): FileShapes[] {
  copyFileSync(file, scratchFile)
  const db = new Database(file, { readonly: true })
  const scratch = new Database(scratchFile)
  try {
    db.defaultSafeIntegers(true)
    scratch.defaultSafeIntegers(true)
    scratch.pragma('journal_mode = MEMORY')
    scratch.pragma('synchronous = OFF')
    const random = createRandom(seed, 'trial')
    return toFileTables(tables).map((table) =>
      findShapes(db, scratch, table, random.fork(table.name)),
    )
  } finally {
    db.close()
    scratch.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${scratchFile}${suffix}`, { force: true })
  }
}

function noticesOf(shapes: readonly FileShapes[], { aside, columns }: Fitted): string[] {
  const changed = shapes.filter(({ table }) => table.changedByTriggers)
  const readOnly = shapes.filter(
    (shape) => shape.updates.length === 0 && shape.clone === null && !changed.includes(shape),
  )
  const fixed = shapes.filter(({ updates, clone }) => updates.length > 0 && clone === null)
  const large = shapes.filter(({ hasLargeRows }) => hasLargeRows)
  const kept = shapes.filter(({ table, clone }) => clone !== null && table.keysComeBack)
  return [
    ...Object.entries(columns).map(
      ([column, type]) => `${column} is ${type}, as its data suggests`,
    ),
    ...aside.map(
      ({ table, rows, reason }) => `set aside on the copy: ${rows} of ${table}, ${reason}`,
    ),
    ...listed('read only in this demo', readOnly),
    ...listed('read only, as triggers of other tables change them', changed),
    ...listed('updates only, as no clone of a row is accepted', fixed),
    ...listed('no deletes, as a trigger may give their keys again', kept),
    ...listed('mirrored, but too large for the traffic: rows of', large),
  ]
}

function listed(what: string, shapes: readonly FileShapes[]): string[] {
  return shapes.length === 0 ? [] : [`${what}: ${shapes.map(({ table }) => table.name).join(', ')}`]
}
