import type { SqlFunction } from './registry.ts'

interface Refusal {
  readonly names: readonly string[]
  readonly wayOut: string
}

const fullText = 'Full-text search is not carried over: see docs/limits.md'
const shapes = 'The R-Tree and Geopoly extensions are not carried over: see docs/limits.md'
const binary =
  "SQLite's binary JSON has no counterpart: use the function of the same name with json_ and keep TEXT"
const connection =
  'Lockstep answers it for a statement on its own connection, not inside of other expressions'

/** Functions of better-sqlite3's build that have no faithful form, each with what to do instead. */
const refusals: readonly Refusal[] = [
  {
    names: [
      'bm25',
      'fts3_tokenizer',
      'fts5',
      'fts5_get_locale',
      'fts5_insttoken',
      'fts5_locale',
      'fts5_source_id',
      'highlight',
      'match',
      'matchinfo',
      'offsets',
      'optimize',
      'snippet',
    ],
    wayOut: fullText,
  },
  {
    names: [
      'geopoly_area',
      'geopoly_bbox',
      'geopoly_blob',
      'geopoly_ccw',
      'geopoly_contains_point',
      'geopoly_debug',
      'geopoly_group_bbox',
      'geopoly_json',
      'geopoly_overlap',
      'geopoly_regular',
      'geopoly_svg',
      'geopoly_within',
      'geopoly_xform',
      'rtreecheck',
      'rtreedepth',
      'rtreenode',
    ],
    wayOut: shapes,
  },
  {
    names: ['jsonb_group_array', 'jsonb_group_object'],
    wayOut: binary,
  },
  {
    names: ['changes', 'last_insert_rowid', 'sqlite_version', 'total_changes'],
    wayOut: connection,
  },
  {
    names: [
      'load_extension',
      'sqlite_compileoption_get',
      'sqlite_compileoption_used',
      'sqlite_log',
      'sqlite_source_id',
    ],
    wayOut: "It is about SQLite's own library: ask it of a SQLite connection",
  },
  {
    names: ['subtype'],
    wayOut: "SQLite's subtypes are no part of a value: leave it out",
  },
]

export const refusedFunctions: readonly SqlFunction[] = refusals.flatMap(({ names, wayOut }) =>
  names.map((name): SqlFunction => ({
    name,
    arity: { min: 0, max: null },
    kind: 'scalar',
    emit(_call, context) {
      throw context.unsupported(`The function ${name}()`, wayOut)
    },
  })),
)
