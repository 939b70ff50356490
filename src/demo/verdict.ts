import type { VerifyReport } from '../api.ts'
import type { PlaceName } from '../place/place.ts'
import type { LedgerCheck } from './ledger-check.ts'

/** What was measured; the verdict depends on nothing else. */
export interface DemoFigures {
  /** Operations that the application was told had been done, and those it cannot know of. */
  acknowledged: number
  unknown: number
  reads: number
  readBacks: number
  staleReads: number
  /** Every error that the application saw. */
  errors: { message: string; count: number }[]
  /** A direct look at each place, past Lockstep, while mirroring was still on. Null: not reached. */
  ledger: Record<PlaceName, LedgerCheck | null>
  /** PostgreSQL once more, after `complete`, with the writes made since. */
  ledgerAfterComplete: LedgerCheck | null
  /** `verify`'s row-by-row comparison. Null: not reached. */
  tables: VerifyReport['tables'] | null
  /** The columns in which rows differ, and how, such as `orders.total (value)`. */
  differing: string[]
  flips: FlipFigures[]
  /** Rows of the original that were set aside because no typed column can hold them. */
  setAside: number
  /** Tables of the original that the demo went on without, each with the reason. */
  leftOut: string[]
  /** Rows in quarantine at the end. */
  quarantined: number
  /** Notices for the reader: gates that were overruled, tables without traffic. */
  notices: string[]
  /** Why the journey ended early, or null. */
  failure: string | null
}

export interface FlipFigures {
  to: PlaceName
  /** For how long writes were held, as Lockstep says. */
  pauseMs: number
  /** The slowest write of the application from start to end of the flip. */
  longestWriteMs: number
}

export interface Claim {
  claim: string
  holds: boolean
  detail: string
}

export interface DemoVerdict {
  ok: boolean
  claims: Claim[]
  figures: DemoFigures
}

/** There, back, and there again. */
export const plannedFlips: readonly PlaceName[] = ['postgres', 'sqlite', 'postgres']

/** The detail of a claim that the journey did not come to. */
export const notChecked = 'was not checked'

/** The failure of a journey that somebody ended. */
export const stopped = 'it was stopped'

const shownExamples = 3

/** Pure. A claim that nothing was measured for does not hold. */
export function judge(figures: DemoFigures): DemoVerdict {
  const claims = [
    journeyClaim(figures),
    placeClaim('sqlite', figures.ledger.sqlite),
    placeClaim('postgres', figures.ledger.postgres),
    equalityClaim(figures),
    errorsClaim(figures),
    readsClaim(figures),
    flipsClaim(figures),
    afterwardsClaim(figures.ledgerAfterComplete),
  ]
  return { ok: claims.every(({ holds }) => holds), claims, figures }
}

function journeyClaim({ failure, acknowledged, unknown }: DemoFigures): Claim {
  return {
    claim: 'the journey reached its end',
    holds: failure === null && acknowledged > 0,
    detail:
      failure ??
      `${count(acknowledged, 'write')} acknowledged` +
        (unknown === 0 ? '' : `, ${unknown} with an unknown outcome`),
  }
}

function placeClaim(place: PlaceName, check: LedgerCheck | null): Claim {
  return ledgerClaim(`every acknowledged write is present exactly once on ${place}`, check)
}

function afterwardsClaim(check: LedgerCheck | null): Claim {
  return ledgerClaim('PostgreSQL goes on alone after complete', check)
}

function ledgerClaim(claim: string, check: LedgerCheck | null): Claim {
  if (check === null) return { claim, holds: false, detail: notChecked }
  const { checked, lost, doubled, stale, undead, examples } = check
  const faults = Object.entries({ lost, doubled, stale, undead }).filter(([, rows]) => rows > 0)
  if (faults.length === 0) return { claim, holds: checked > 0, detail: count(checked, 'row') }
  const list = faults.map(([fault, rows]) => `${rows} ${fault}`).join(', ')
  return {
    claim,
    holds: false,
    detail: `${list} of ${count(checked, 'row')}: ${examples.slice(0, shownExamples).join('; ')}`,
  }
}

function equalityClaim({ tables, differing, quarantined }: DemoFigures): Claim {
  const claim = 'all tables are equal row by row'
  if (tables === null) return { claim, holds: false, detail: notChecked }
  const unequal = tables.filter(({ equal }) => !equal).map(({ table }) => table)
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const holds = tables.length > 0 && unequal.length === 0 && quarantined === 0
  if (unequal.length > 0) {
    const where =
      differing.length === 0 ? '' : ` in ${differing.slice(0, shownExamples).join(', ')}`
    return { claim, holds, detail: `different: ${unequal.join(', ')}${where}` }
  }
  if (quarantined > 0) return { claim, holds, detail: `${count(quarantined, 'row')} in quarantine` }
  return { claim, holds, detail: `${count(tables.length, 'table')}, ${count(rows, 'row')}` }
}

function errorsClaim({ errors }: DemoFigures): Claim {
  const total = errors.reduce((sum, error) => sum + error.count, 0)
  return {
    claim: 'the application saw no error',
    holds: total === 0,
    detail:
      total === 0
        ? '0 errors'
        : errors.map((error) => `${error.count} x ${error.message}`).join('; '),
  }
}

function readsClaim({ reads, readBacks, staleReads }: DemoFigures): Claim {
  return {
    claim: 'a session reads its own writes',
    holds: staleReads === 0,
    detail:
      staleReads === 0
        ? `${count(readBacks, 'write')} read back; ${count(reads, 'other read')}`
        : `${staleReads} of ${readBacks} were stale`,
  }
}

function flipsClaim({ flips }: DemoFigures): Claim {
  const went = flips.map(({ to }) => to)
  return {
    claim: 'writes moved to postgres, back to sqlite, and to postgres again',
    holds: went.length === plannedFlips.length && went.every((to, at) => to === plannedFlips[at]),
    detail: flips
      .map(
        ({ to, pauseMs, longestWriteMs }) =>
          `${to} ${milliseconds(pauseMs)} (slowest write ${milliseconds(longestWriteMs)})`,
      )
      .join(', '),
  }
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}
