import type { AstNode } from 'sqlite3-parser'
import type { LockstepError } from '../../core/errors.ts'
import type { Catalog, Relation, RelationColumn } from '../catalog.ts'
import { foldName, quoteName } from '../quote.ts'
import { createEmitter } from './create-emitter.ts'
import { createParameters } from './parameters.ts'
import { createScope } from './scope.ts'
import { schemaText } from './stored-default.ts'
import { columnsNamedIn, descendants } from './syntax.ts'

/**
 * What PostgreSQL refuses in GENERATED ALWAYS AS: subqueries, and functions that are not immutable. Dates
 * that come from a row are immutable in their twins (`sqlite.date_i`), which refuse 'now' as SQLite does.
 * https://www.postgresql.org/docs/current/ddl-generated-columns.html
 */
const notImmutable =
  /\bSELECT\b|\b(?:to_jsonb?|convert_to|convert_from|to_char|nextval|sqlite\.(?:date|time|datetime|julianday|unixepoch|strftime|timediff|now|random|randomblob))\(/i

/** What makes a value of the column's type of it; the twin is immutable. */
const storing = /^(\(?sqlite\.store_\w+)\(/

/** What a comparison under NOCASE makes of a literal. */
const loweredLiteral = /\blower\('((?:[^']|'')*)'::text COLLATE "C"\)/g

/**
 * The expression of a generated column as PostgreSQL computes it: converted to the column's type and
 * affinity, as SQLite stores it. Virtual and stored ones give the same values.
 * @throws LockstepError SQL_UNSUPPORTED, or SQLITE_ERROR for what SQLite itself would not take
 */
export function generatedExpression(
  text: string,
  column: RelationColumn,
  relation: Relation,
  catalog: Catalog,
): string {
  const parameters = createParameters([])
  const emitter = createEmitter('', catalog, parameters)
  const { node, emitter: inner } = schemaText(text, emitter, 0)
  const unsupported = (construct: string): LockstepError =>
    emitter.unsupported(construct, 0, 'Make it an ordinary column, or read it from a view')
  const named = columnsNamedIn(node)
  const others = relation.columns.filter(({ generated }) => generated)
  if (named === null || others.some(({ name }) => named.has(foldName(name))))
    throw unsupported('A generated column of other generated columns')
  const source = emitter.source(relation, relation.name, quoteName(relation.postgresName))
  // PostgreSQL computes what is constant before it knows the collation, and fails of that.
  const columns = new Set(relation.columns.map(({ name }) => foldName(name)))
  if ([...descendants(node)].some((each) => isConstantText(each, columns)))
    throw unsupported('A constant of a function')
  const sql = inner.store(node, column, createScope(null, { sources: [source] }))
  const finished = parameters.finish(sql)
  if (finished.slots.length > 0 || notImmutable.test(finished.text))
    throw unsupported(`A column generated as ${text}`)
  return finished.text
    .replace(storing, '$1_i(')
    .replaceAll(loweredLiteral, (_, literal: string) => `'${foldName(literal)}'::text`)
}

/** A call, a comparison or a pattern that no column has a part in. */
function isConstantText(node: AstNode, columns: ReadonlySet<string>): boolean {
  const mayCollate =
    node.type === 'FunctionCallExpr' ||
    node.type === 'LikeExpr' ||
    (node.type === 'BinaryExpr' && /^(?:Not)?Equals$|^Less|^Greater|^Is|^Concat$/.test(node.op))
  return mayCollate && ![...(columnsNamedIn(node) ?? [])].some((name) => columns.has(name))
}
