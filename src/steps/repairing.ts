import type { Lockstep } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import type { MendContext } from '../move/mend.ts'
import { journal, repair } from '../move/repair.ts'
import { repairFound, type Verified } from '../move/repair-found.ts'
import { tablesToVerify } from '../move/verify.ts'
import { requirePair } from '../engine/pair.ts'
import { toKey } from '../values/key.ts'
import { isOfView, mendViews } from './view-problems.ts'

/** `db.repair`: of a table or its keys, or of everything that a verify found. */
export function createRepair(
  engine: Engine,
  steps: Pick<MendContext, 'syncSchema' | 'caughtUp'>,
): Lockstep['repair'] {
  return async (settings) => {
    const { table: name, keys, from, discard = false } = chosen(settings)
    await requirePair(engine)
    const context = engine.repairContext()
    if (from !== undefined) {
      const mend: MendContext = {
        ...steps,
        server: engine.server,
        primary: () => engine.control().primary,
        journal: (table, texts) => journal(context, table, texts),
      }
      const tables = tablesToVerify(engine.tables, namesOf(from))
      const report = await repairFound({ repair: context, mend }, tables, from)
      return mendViews(engine, from, { report, syncSchema: steps.syncSchema })
    }
    const [table] = tablesToVerify(engine.tables, [name])
    if (table === undefined) throw new TypeError('Expected a table name')
    return repair({ ...context, discard }, table, keys?.map(toKey))
  }
}

interface Chosen {
  readonly table: string
  readonly keys?: readonly unknown[]
  readonly from?: Verified
  readonly discard?: boolean
}

/** @throws TypeError where it is said neither or twice what is to be repaired */
function chosen(settings: Parameters<Lockstep['repair']>[0] | undefined): Chosen {
  const { table, from, ...rest } = (settings ?? {}) as Partial<Chosen>
  if (from === undefined) {
    if (table !== undefined) return { table, ...rest }
    throw new TypeError(
      'table of repair must be a name, not undefined; or give it what verify has returned as `from`',
    )
  }
  if (table === undefined && Object.keys(rest).length === 0) return { table: '', from }
  throw new TypeError(
    'repair takes a table, with its keys and `discard`, or all that `from` names, not both',
  )
}

/** The tables that are not right. */
function namesOf({ tables, problems }: Verified): string[] {
  const unequal = tables.filter(({ equal }) => !equal)
  const ofTables = problems.filter((problem) => !isOfView(problem))
  return [...new Set([...unequal, ...ofTables].map(({ table }) => table))]
}
