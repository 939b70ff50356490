import type { Indexed } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'

/**
 * PostgreSQL chooses its indexes itself, so that `INDEXED BY` is left out. SQLite fails where the index is not
 * there, and where it cannot use it, which only a partial one can come to. https://www.sqlite.org/lang_indexedby.html
 */
export function checkIndexed(
  indexed: Indexed | undefined,
  { indexes }: Relation,
  emitter: Emitter,
): void {
  if (indexed?.type !== 'IndexedByIndexed' || indexes === undefined) return
  const { text, span } = indexed.idxName
  const found = indexes.find(({ name }) => foldName(name) === foldName(text))
  if (found === undefined) throw emitter.wrong(`no such index: ${text}`, span.offset)
  if (!found.partial) return
  const construct = `INDEXED BY ${text}, which is a partial index`
  throw emitter.unsupported(construct, indexed.span.offset, 'Leave it out')
}
