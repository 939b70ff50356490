import type { CauseResult, ReportedVerdict, Results, SuiteResult } from './results.ts'

/** Silent differences are all named, the others by their most frequent causes. */
const causesShown = 25

/** docs/fidelity.md. Only `npm run fidelity` writes it. */
export function reportText(results: Results): string {
  const measured = Object.entries(results.suites)
  return [
    '# Fidelity',
    '',
    "How often the application's SQL gives on PostgreSQL what it gives on SQLite. Made by `npm run fidelity`;",
    'CI runs a part of it and fails where a figure falls behind `test/fidelity/floors.json`.',
    '',
    `SQLite ${results.sqlite}, PostgreSQL ${results.postgres}, seed of the fuzzer ${results.seed}. The corpora are other people's and are not`,
    'part of this project; what each is and where it comes from stands in `test/fidelity/corpora/`. Each is shown as it was',
    'measured last.',
    '',
    ...meaning,
    '',
    '## Result',
    '',
    '| corpus | cases | identical | where values fit | rowid unread | refused | unclear | different | without translator |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...measured.map(row),
    '',
    ...measured.flatMap(leftOut),
    '',
    results.indexUse,
    ...section(measured, 'different', 'Silent differences', Infinity),
    ...section(measured, 'unclear', 'Unclear errors', causesShown),
    ...section(measured, 'refused', 'Refusals by construct', causesShown),
    '',
  ].join('\n')
}

const meaning = [
  'Each statement runs on a real SQLite database and, translated, on a real PostgreSQL that holds the same schema and rows,',
  'carried over by `src/schema`. Rows, value classes, column names, the rows that the statement leaves behind, `changes`,',
  '`lastInsertRowid` and error codes are compared. Each translated text must be one statement on rows to PostgreSQL’s own parser',
  '(libpg-query), and so must DDL be DDL and the body of a trigger PL/pgSQL; else the measure ends.',
  '',
  '- **identical**: all of it is the same.',
  '- **rowid unread**: all of it is the same, but whoever reads `lastInsertRowid` of this INSERT gets `ROWID_UNKNOWN`. SQLite gives',
  '  a rowid also to the rows of a table whose declared key is no INTEGER PRIMARY KEY; no column shows it and VACUUM may change it,',
  '  and PostgreSQL has none ([why](decisions/008-no-rowid-behind-a-declared-key.md)). The corpora do not say who would read it, so this is neither identical nor refused. Of a statement that',
  '  inserts nothing, better-sqlite3 has the number ignored, and so it is here where it is unknown.',
  '- **refused**: an error that names what has no faithful form; or a value that does not fit its column; or what `assess` had',
  '  named as a decision of the operator (a trigger, a CHECK that is not carried).',
  '- **unclear**: an error, but not one that Lockstep foresaw.',
  '- **different**: another answer and no error. The only outcome that does harm; each is listed below.',
  '- **where values fit** is the share of identical cases without those in which a value does not fit its column.',
  '',
  'A case of several statements is as good as its worst one. Where the text has no ORDER BY, or one that leaves ties, rows may',
  'come in another order, and a LIMIT may take others of them where all of them are the same on both places. Questions about the',
  'schema, transactions and PRAGMA are not counted where the product answers them from the SQLite file, and changes of the schema',
  'are not where they are carried: what it refuses of them counts, in `sqltest` as the end of the case. `without',
  'translator` is the share of identical cases, in the part that CI runs, when PostgreSQL gets the same text with `$n` for its parameters.',
]

type Named = [name: string, result: SuiteResult]

function row([name, { about, total, counts, misfits, baseline }]: Named): string {
  const { identical, 'rowid unread': unread, refused, unclear, different } = counts
  const before = percent(baseline.identical, baseline.total)
  const fitting = percent(identical, total - misfits)
  return `| ${name}: ${about} | ${total} | ${percent(identical, total)} | ${fitting} | ${unread} | ${refused} | ${unclear} | ${different} | ${before} |`
}

function leftOut([name, result]: Named): string[] {
  if (result.leftOut.length === 0) return []
  const parts = result.leftOut.map(([why, count]) => `${count} ${why}`)
  return [`Not counted in ${name}: ${parts.join(', ')}.`]
}

function percent(part: number, whole: number): string {
  if (whole === 0) return ''
  // Never 100 % for less than all.
  const figure = Math.floor((part / whole) * 10_000) / 100
  return `${figure.toFixed(2)} %`
}

function section(
  measured: readonly Named[],
  verdict: ReportedVerdict,
  title: string,
  shown: number,
): string[] {
  const lines = ['', `## ${title}`]
  for (const [name, { counts, causes }] of measured) {
    const own = causes[verdict]
    if (own.length === 0) continue
    lines.push('', `### ${name}: ${counts[verdict]}`, '')
    for (const { cause, count, examples } of own.slice(0, shown))
      lines.push(`- ${count} x ${oneLine(cause, 160)}`, ...examples.map(example))
    const more = own.length - shown
    if (more > 0) lines.push(`- and ${more} further causes`)
  }
  if (lines.length === 2) lines.push('', 'None.')
  return lines
}

function example({ id, sql, detail }: CauseResult['examples'][number]): string {
  return `  - ${oneLine(id, 120)}: \`${oneLine(sql, 300).replaceAll('`', "'")}\`: ${oneLine(detail, 200).replaceAll('`', "'")}`
}

function oneLine(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const safe = line.replaceAll(/[<>|]/g, (sign) => `\\${sign}`)
  return safe.length > limit ? `${safe.slice(0, limit)}...` : safe
}
