import { copyFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { copySqliteFile } from './copy-file.ts'
import { quote } from './direct.ts'
import { createFileReader } from './file-reader.ts'
import { findShapes, type FileShapes } from './file-shapes.ts'
import { hasTriggers, readFileTables, type FileTable } from './file-tables.ts'
import { createFileWriter } from './file-writer.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { setMisfitsAside, type SetAside } from './set-aside.ts'

/** Generic traffic on a copy, in `folder`, of somebody's SQLite file. The file itself is only read. */
export async function createFileScenario(
  folder: string,
  original: string,
  seed: number,
): Promise<Scenario> {
  const file = join(folder, 'copy.db')
  await copySqliteFile(original, file)
  const { tables, aside, triggers, rows } = prepareCopy(file)
  const shapes = tryShapes(file, join(folder, 'scratch.db'), tables, seed)
  const busy = shapes.filter(({ updates, clone }) => updates.length > 0 || clone !== null)
  return {
    title: `a copy of ${basename(original)}, ${rows.toLocaleString('en-US')} rows, seed ${seed}`,
    file,
    rows,
    setAside: aside.reduce((sum, one) => sum + one.rows, 0),
    notices: noticesOf(shapes, aside, triggers),
    overruleGates: true,
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

interface Prepared {
  tables: FileTable[]
  aside: SetAside
  triggers: boolean
  rows: number
}

function prepareCopy(file: string): Prepared {
  const db = new Database(file)
  try {
    const tables = readFileTables(db)
    const aside = setMisfitsAside(db, tables)
    const rows = tables.reduce((sum, { name }) => {
      const count = db
        .prepare<unknown[], number>(`SELECT count(*) FROM ${quote(name)}`)
        .pluck()
        .get()
      return sum + (count ?? 0)
    }, 0)
    return { tables, aside, triggers: hasTriggers(db), rows }
  } finally {
    db.close()
  }
}

function tryShapes(
  file: string,
  scratchFile: string,
  tables: readonly FileTable[],
  seed: number,
): FileShapes[] {
  copyFileSync(file, scratchFile)
  const scratch = new Database(scratchFile)
  try {
    scratch.defaultSafeIntegers(true)
    scratch.pragma('journal_mode = MEMORY')
    scratch.pragma('synchronous = OFF')
    const random = createRandom(seed, 'trial')
    return tables.map((table) => findShapes(scratch, table, random.fork(table.name)))
  } finally {
    scratch.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${scratchFile}${suffix}`, { force: true })
  }
}

function noticesOf(shapes: readonly FileShapes[], aside: SetAside, triggers: boolean): string[] {
  const readOnly = shapes.filter(({ updates, clone }) => updates.length === 0 && clone === null)
  const fixed = shapes.filter(({ updates, clone }) => updates.length > 0 && clone === null)
  return [
    ...aside.map(
      ({ table, rows, reason }) => `${rows} rows of ${table} were set aside on the copy: ${reason}`,
    ),
    ...(readOnly.length > 0 ? [`read only in this demo: ${names(readOnly)}`] : []),
    ...(fixed.length > 0
      ? [`updates only, as no clone of a row is accepted: ${names(fixed)}`]
      : []),
    ...(triggers
      ? ['the file has triggers, which run on SQLite only: the flips are forced past that gate']
      : []),
  ]
}

function names(list: readonly FileShapes[]): string {
  return list.map(({ table }) => table.name).join(', ')
}
