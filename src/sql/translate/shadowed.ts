import type { With } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import type { Target } from './target.ts'

/**
 * A common table of the same name would stand in for the table wherever the translation has to read it
 * besides writing it.
 */
export function refuseShadowed(node: With | undefined, target: Target, emitter: Emitter): void {
  const { relation, offset } = target
  const names = [relation.name, relation.postgresName].map(foldName)
  const shadows = node?.ctes.some(({ tblName }) => names.includes(foldName(tblName.text)))
  if (shadows !== true) return
  const construct = `A common table expression named like the table ${relation.name} that is written`
  throw emitter.unsupported(construct, offset, 'Give it another name')
}
