import { didYouMean } from '../core/suggest.ts'
import type { Engine } from '../engine/engine.ts'
import type { Flags, FlagsPatch } from '../route/flags.ts'
import { foldName } from '../sql/quote.ts'

/**
 * Changes flags, and tells of percentages for names that are no tables, as a `finding`. They are taken all the same, as a
 * table may be made later, and until then they lead no read anywhere.
 */
export async function setFlags(
  engine: Engine,
  flags: { set(patch: FlagsPatch): Promise<Flags> },
  patch: FlagsPatch,
): Promise<Flags> {
  const set = await flags.set(patch)
  if (!engine.installed) return set
  const known = namesOf(engine)
  const folded = new Set(known.map(foldName))
  for (const [table, percent] of Object.entries(patch.reads?.tables ?? {})) {
    if (percent === null || folded.has(foldName(table))) continue
    engine.events.emit('finding', {
      level: 'warning',
      code: 'FLAG_TABLE_UNKNOWN',
      table,
      column: null,
      rows: 0,
      keys: [],
      message:
        `reads.tables.${table} leads no read, as there is no table or view ${table}.${didYouMean(table, known)} ` +
        `\`lockstep flags set reads.tables.${table}=null\` takes it out`,
    })
  }
  return set
}

/** A flag may name a view, and a table that is not mirrored. After `complete` SQLite's file has no new ones. */
function namesOf({ file, tables }: Engine): string[] {
  const onSqlite = file.reader
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
    .pluck()
    .all() as string[]
  return [...new Set([...tables.map(({ name }) => name), ...onSqlite])].filter(
    (name) => !name.startsWith('_lockstep_'),
  )
}
