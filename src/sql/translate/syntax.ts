import { VisitorKeys } from 'sqlite3-parser'
import type { AstNode, Expr } from 'sqlite3-parser'
import { foldName } from '../quote.ts'

const nothing = (): boolean => false

/**
 * The node and everything below it, with a stack of its own, as expressions may be of any depth.
 * @param isPassedOver what is left out with all below it.
 */
export function* descendants(
  node: AstNode,
  isPassedOver: (node: AstNode) => boolean = nothing,
): Generator<AstNode> {
  const keys: Partial<Record<string, readonly string[]>> = VisitorKeys
  const stack: AstNode[] = [node]
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (isPassedOver(next)) continue
    yield next
    const slots = next as unknown as Record<string, AstNode | readonly AstNode[] | undefined>
    for (const key of keys[next.type] ?? []) {
      const slot = slots[key]
      // One by one, as the arguments of a call would fill the stack of the process.
      if (isList(slot)) for (const child of slot) stack.push(child)
      else if (slot !== undefined) stack.push(slot)
    }
  }
}

function isList(slot: AstNode | readonly AstNode[] | undefined): slot is readonly AstNode[] {
  return Array.isArray(slot)
}

/** The parts of a row value; undefined where it is none. */
export function rowNodes(node: Expr): readonly Expr[] | undefined {
  const inner = unwrap(node)
  return inner.type === 'ParenthesizedExpr' ? inner.exprs : undefined
}

/** The node without the parentheses around it. */
export function unwrap(node: Expr): Expr {
  let inner = node
  while (inner.type === 'ParenthesizedExpr' && inner.exprs.length === 1 && inner.exprs[0]) {
    inner = inner.exprs[0]
  }
  return inner
}

/** The subqueries that a node holds, itself included. */
export function subqueriesIn(node: AstNode): AstNode[] {
  const kinds = new Set(['SubqueryExpr', 'ExistsExpr', 'InSelectExpr', 'InTableExpr'])
  return [...descendants(node)].filter(({ type }) => kinds.has(type))
}

/** The tables, views and common tables that a node names, folded. */
export function tablesNamedIn(node: AstNode): Set<string> {
  const names = [...descendants(node)].flatMap((each) => {
    if (each.type === 'TableSelectTable') return each.tblName.objName.text
    return each.type === 'InTableExpr' ? each.rhs.objName.text : []
  })
  return new Set(names.map(foldName))
}

/**
 * The names of columns that a node mentions, folded; null where it says `*` and so means all.
 * @param isPassedOver what does not count.
 */
export function columnsNamedIn(
  node: AstNode,
  isPassedOver?: (node: AstNode) => boolean,
): Set<string> | null {
  const names = new Set<string>()
  for (const each of descendants(node, isPassedOver)) {
    if (each.type === 'StarResultColumn' || each.type === 'TableStarResultColumn') return null
    // `x IN t` compares with all of the table's columns, which are not named.
    if (each.type === 'InTableExpr') return null
    if (each.type === 'Id') names.add(foldName(each.name))
    if (each.type === 'QualifiedExpr') names.add(foldName(each.column.text))
  }
  return names
}
