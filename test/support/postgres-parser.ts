import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query'
import type { DdlPlan } from '../../src/schema/ddl.ts'
import type { Catalog } from '../../src/sql/catalog.ts'
import { createTranslator } from '../../src/sql/translate/translator.ts'
import type { Translation, Translator } from '../../src/sql/translation.ts'

await loadModule()

/**
 * A text of Lockstep's that PostgreSQL's own parser does not read as what it should be. It is no LockstepError and
 * none of the server's, so that no rig takes it for an answer: the test fails.
 */
export class NotPostgres extends Error {
  constructor(text: string, reason: string, cause?: unknown) {
    super(`${reason}: ${text}`, { cause })
    this.name = 'NotPostgres'
  }
}

/** The kinds of a text's statements, in the parser's words (`SelectStmt`). @throws NotPostgres */
export function kindsOf(text: string): string[] {
  // The parser takes a NUL for the end, as the server never sees one.
  if (text.includes('\0')) throw new NotPostgres(text, 'There is a NUL character')
  try {
    const { stmts = [] } = parseSync(text)
    return stmts.map(({ stmt = {} }) => Object.keys(stmt)[0] ?? '')
  } catch (error) {
    throw new NotPostgres(text, `PostgreSQL's parser does not read it (${String(error)})`, error)
  }
}

/** @throws NotPostgres where the text is not one statement on rows */
export function expectRowStatement(text: string): void {
  const kinds = kindsOf(text)
  if (kinds.length === 1 && /^(?:Select|Insert|Update|Delete)Stmt$/.test(kinds[0] ?? '')) return
  throw new NotPostgres(text, `It is [${kinds.join(', ')}], not one statement on rows`)
}

/** Lockstep's translator, or another one, each of whose texts must be one statement on rows. */
export function createCheckedTranslator(
  catalog: Catalog,
  make: (catalog: Catalog) => Translator = createTranslator,
): Translator {
  const translator = make(catalog)
  const checked = new WeakSet<Translation>()
  return {
    translate(sql, classes, columns) {
      const translation = translator.translate(sql, classes, columns)
      if (!checked.has(translation))
        for (const { text } of translation.steps) expectRowStatement(text)
      checked.add(translation)
      return translation
    },
  }
}

/** @throws NotPostgres where a statement is not one, or where a function's body cannot be read */
export function expectDdl({ statements }: DdlPlan): void {
  for (const { sql } of statements) {
    const kinds = kindsOf(sql)
    if (kinds.length !== 1) throw new NotPostgres(sql, `It is [${kinds.join(', ')}]`)
    if (kinds[0] === 'CreateFunctionStmt') expectFunctions(sql)
  }
}

/**
 * Reads the bodies of all functions in a text that are in PL/pgSQL, and what they EXECUTE that is written down there.
 * @returns how many statements they execute
 * @throws NotPostgres
 */
export function expectFunctions(text: string): number {
  const executed = constantsExecuted(readBodies(text))
  for (const constant of executed) expectRowStatement(constant)
  return executed.length
}

function readBodies(text: string): unknown {
  try {
    return parsePlPgSQLSync(text)
  } catch (error) {
    throw new NotPostgres(text, `A body is no PL/pgSQL (${String(error)})`, error)
  }
}

/** The texts behind EXECUTE in a tree of PL/pgSQL, where they are literals. */
function constantsExecuted(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([key, node]) => {
    const below = constantsExecuted(node)
    if (!/^PLpgSQL_stmt_dyn(?:execute|fors)$/.test(key)) return below
    const { query } = (node as { query: { PLpgSQL_expr: { query: string } } }).query.PLpgSQL_expr
    return [...literal(query), ...below]
  })
}

/** The text that an expression of PL/pgSQL is; none where it is put together. */
function literal(expression: string): string[] {
  const { stmts = [] } = parseSync(`SELECT ${expression}`)
  const select = stmts[0]?.stmt as { SelectStmt?: { targetList?: readonly Target[] } } | undefined
  const text = select?.SelectStmt?.targetList?.[0]?.ResTarget?.val?.A_Const?.sval?.sval
  return text === undefined ? [] : [text]
}

interface Target {
  readonly ResTarget?: {
    readonly val?: { readonly A_Const?: { readonly sval?: { sval?: string } } }
  }
}
