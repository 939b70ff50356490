import type { WriteVerdict } from './rehearsal-verdict.ts'

const once = 'it went another way once, and not when it was rehearsed again'

/**
 * Runs a rehearsal, and where something differs another one at the same state, as the batch is yet to be applied. What
 * differs in both does so for good; what PostgreSQL did once, short of memory or while somebody changed its schema, does not.
 * @param run rehearses the statements of one batch, in their order, and leaves no trace
 */
export async function confirmed(
  run: () => Promise<readonly WriteVerdict[]>,
): Promise<readonly WriteVerdict[]> {
  const first = await run()
  if (!first.some(({ kind }) => kind === 'divergent')) return first
  const second = await run()
  return second.map((verdict, at) => {
    const differs = [first[at], verdict].filter((one) => one?.kind === 'divergent').length
    return differs === 1 ? { kind: 'undecided', reason: once } : verdict
  })
}
