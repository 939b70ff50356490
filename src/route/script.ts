import type { TransactionOptions } from '../api.ts'
import { splitScript } from '../sql/script.ts'
import type { Plan, Plans } from './plans.ts'
import { runTransaction, type TransactionsOptions } from './transaction.ts'

type Mode = NonNullable<TransactionOptions['mode']>

/** Statements of a script that stand for themselves, or that one transaction has between BEGIN and COMMIT. */
interface Part {
  readonly mode: Mode | null
  readonly plans: Plan[]
}

/**
 * Runs several statements without parameters, one after the other; those between BEGIN and COMMIT, as in the file of a
 * migration, in one transaction, which is undone whole where one of them fails.
 * @throws TypeError, before anything has run, where a transaction does not end within the script
 */
export async function runScript(script: string, options: TransactionsOptions): Promise<void> {
  for (const { mode, plans } of partsOf(script, options.plans)) {
    if (mode === null) await options.router.exec(plans)
    else
      await runTransaction(
        options,
        async (tx) => {
          for (const { sql } of plans) await tx.exec(sql)
        },
        { mode },
      )
  }
}

function partsOf(script: string, plans: Plans): Part[] {
  const parts: Part[] = []
  let open: Part = { mode: null, plans: [] }
  const next = (mode: Part['mode']): void => {
    if (open.plans.length > 0) parts.push(open)
    open = { mode, plans: [] }
  }
  for (const plan of splitScript(script).map((sql) => plans.of(sql))) {
    const isInside = open.mode !== null
    if (plan.step === 'begin' && !isInside) next(modeOf(plan.sql))
    else if (plan.step === 'commit' && isInside) next(null)
    else if (plan.step === null || (isInside && !endings.has(plan.step))) open.plans.push(plan)
    else throw notWhole()
  }
  if (open.mode !== null) throw notWhole()
  next(null)
  return parts
}

const endings = new Set<Plan['step']>(['begin', 'commit', 'rollback'])

/** What SQLite takes for it where none is named would fail with SQLITE_BUSY in the middle. */
function modeOf(begin: string): Mode {
  const [named] = /\b(?:deferred|immediate|exclusive)\b/i.exec(begin) ?? ['immediate']
  return named.toLowerCase() as Mode
}

function notWhole(): TypeError {
  return new TypeError(
    'A transaction in a script goes from BEGIN to COMMIT. Use db.transaction(async (tx) => ...) where it is to be ' +
      'undone on purpose, or has calls in between',
  )
}
