import { createHash } from 'node:crypto'
import { quoteLiteral } from './quote.ts'

/** How the comment of a view begins that Lockstep has made: an operator's own has none, and is left alone. */
export const viewMark = "Lockstep's "

/**
 * The hash of a view's definition in PostgreSQL's words, which nobody else can foretell, by the number of the view. They
 * hang on the search path, which must be `pg_catalog`.
 */
export function definitionHash(oid: string): string {
  return `left(encode(sha256(convert_to(pg_get_viewdef(${oid}), 'UTF8')), 'hex'), 16)`
}

/** The hash of what makes a view, so that another form of it is told from this one. */
export function formHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** The comment: both hashes, and SQLite's CREATE VIEW. @param view quoted */
export function markView(view: string, form: string, source: string): string {
  const definition = definitionHash(`${quoteLiteral(view)}::regclass`)
  const text = `${quoteLiteral(`${viewMark}${form} `)} || ${definition} || ${quoteLiteral(` of ${source}`)}`
  const body = `DECLARE path text := current_setting('search_path');
BEGIN
  PERFORM set_config('search_path', 'pg_catalog', true);
  EXECUTE ${quoteLiteral(`COMMENT ON VIEW ${view} IS `)} || quote_literal(${text});
  PERFORM set_config('search_path', path, true);
END`
  return `DO ${quoteLiteral(body)}`
}
