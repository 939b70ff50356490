import type Database from 'better-sqlite3'
import { chooseType, isEmpty } from '../../src/schema/choose-type.ts'
import { profileTable, type ColumnProfile } from '../../src/schema/profile.ts'
import { readSchema } from '../../src/schema/read.ts'
import type { SourceSchema } from '../../src/schema/source.ts'
import { foldName } from '../../src/schema/quote.ts'
import { columnPath, type TypeOverrides } from '../../src/schema/overrides.ts'
import type { PostgresType } from '../../src/values/value.ts'
import { schemaReader } from '../../src/move/install.ts'

/**
 * The types that a schema gets are chosen from the data that stands in it. A case that begins with empty
 * tables has none, so it is run on SQLite once beforehand, and what its columns ever held decides: as for
 * an application whose file had been in use for a while.
 */
export class TypeMemory {
  readonly #profiles = new Map<string, ColumnProfile>()
  #schema: SourceSchema | undefined
  #version: unknown

  /** @param table only this one, or every table */
  observe(db: Database.Database, table: string | null): void {
    const reader = schemaReader(db)
    const source = this.#read(db)
    const folded = table === null ? null : foldName(table)
    for (const each of source.tables) {
      if (folded !== null && foldName(each.name) !== folded) continue
      for (const profile of profileTable(reader, each).columns) {
        const path = columnPath(each.name, profile.name)
        const known = this.#profiles.get(path)
        this.#profiles.set(path, known === undefined ? profile : most(known, profile))
      }
    }
  }

  /** The choices for the columns of a schema that ever held something. */
  overrides(source: SourceSchema): TypeOverrides {
    const chosen: Record<string, PostgresType> = {}
    for (const { name: table, columns, key } of source.tables) {
      for (const column of columns) {
        const isRowid = key.kind === 'integer' && key.columns[0] === column.name
        const profile = this.#profiles.get(columnPath(table, column.name))
        if (isRowid || profile === undefined || isEmpty(profile)) continue
        chosen[`${table}.${column.name}`] = onlyType(profile) ?? chooseType(column, profile)
      }
    }
    return chosen
  }

  #read(db: Database.Database): SourceSchema {
    const version = db.pragma('schema_version', { simple: true })
    if (this.#schema === undefined || version !== this.#version) {
      this.#schema = readSchema(schemaReader(db))
      this.#version = version
    }
    return this.#schema
  }
}

function most(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  return {
    name: a.name,
    nulls: Math.max(a.nulls, b.nulls),
    integers: Math.max(a.integers, b.integers),
    wideIntegers: Math.max(a.wideIntegers, b.wideIntegers),
    reals: Math.max(a.reals, b.reals),
    texts: Math.max(a.texts, b.texts),
    nulTexts: Math.max(a.nulTexts, b.nulTexts),
    blobs: Math.max(a.blobs, b.blobs),
  }
}

/** What holds one class only gets the type for it, whatever was declared: the override that `assess` suggests. */
function onlyType({ integers, reals, texts, blobs }: ColumnProfile): PostgresType | null {
  if (texts > 0 && integers + reals + blobs === 0) return 'text'
  return blobs > 0 && integers + reals + texts === 0 ? 'bytea' : null
}
