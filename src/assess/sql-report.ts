/** What becomes of one statement on PostgreSQL. */
export type Verdict = 'translates' | 'decision' | 'refused'

export interface Place {
  /** As it was found: the path that was given, and what is below it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

export interface StatementReport extends Place {
  /** As it stands there; a hole of a template is a `?`. */
  readonly sql: string
  /** For an override; null where the text is put together at run time. */
  readonly fingerprint: string | null
  readonly verdict: Verdict
  /** An override is used for it. */
  readonly override: boolean
  /** Of the error that running it on PostgreSQL would give, else null. */
  readonly code: string | null
  readonly construct: string | null
  readonly reason: string | null
  readonly wayOut: string | null
  /** Where the construct is, where that is known. */
  readonly at: { readonly line: number; readonly column: number } | null
}

/** Text that looks like SQL and is put together of pieces that only run time knows. */
export interface UnreadableText extends Place {
  readonly reason: string
}

/** A file or folder that could not be read. */
export interface UnreadFile {
  readonly file: string
  readonly reason: string
}

export interface SqlReport {
  readonly files: number
  readonly statements: readonly StatementReport[]
  readonly unreadable: readonly UnreadableText[]
  readonly unread: readonly UnreadFile[]
  /** Templates with the tag `sql` that are no statement by themselves. */
  readonly fragments: number
  readonly translates: number
  readonly decision: number
  readonly refused: number
  /** Of the statements, those that translate: 0 to 100, rounded down to one digit. */
  readonly percent: number
  /** Why PostgreSQL itself was not asked whether it takes the translations; null where it was. */
  readonly notPrepared: string | null
}

type Read = Omit<SqlReport, 'translates' | 'decision' | 'refused' | 'percent'>

/** The report with its sums; 100 only where all of them translate. */
export function summed(read: Read): SqlReport {
  const count = (verdict: Verdict): number =>
    read.statements.filter((statement) => statement.verdict === verdict).length
  const translates = count('translates')
  const all = Math.max(1, read.statements.length)
  return {
    ...read,
    translates,
    decision: count('decision'),
    refused: count('refused'),
    percent: Math.floor((translates / all) * 1000) / 10,
  }
}
