import { judge } from '../assess/judge.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import type { GateBounds, Parity } from '../cutover/evidence-gates.ts'
import type { Engine } from '../engine/engine.ts'
import { readOverrides } from '../options/override-options.ts'
import { createPlans, type Plans } from '../route/plans.ts'
import type { Registry } from '../shadow/registry.ts'
import { noRehearsals, type StatementFigures } from '../shadow/statement-figures.ts'
import type { Shadowing } from './shadowing.ts'
import { statementSourceOf } from './sources.ts'
import { createOverrides } from '../sql/overrides/overrides.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import { columnNames } from '../sqlite/column-names.ts'
import type { Connection } from '../sqlite/connection.ts'
import { sqliteFacts } from '../sqlite/facts.ts'

/** For so long statements are judged before others have their turn. */
const sliceMs = 10

/**
 * How the statements stand that the application has run lately, writes included. Each of them is translated as it would be
 * where PostgreSQL is the primary; nothing is run.
 */
export function createParity(
  engine: Engine,
  { plans, registry, shadowing }: { plans: Plans; registry: Registry; shadowing: Shadowing },
): (bounds: GateBounds) => Promise<Parity> {
  let verdicts = new Map<string, boolean>()
  let version = -1
  return async ({ statementWindowMs, minComparisons, minRehearsals }) => {
    const since = Date.now() - statementWindowMs
    const seen = [...registry.figures().values()].filter(({ lastSeenMs }) => lastSeenMs >= since)
    const { schemaVersion } = engine.control()
    if (schemaVersion !== version) [verdicts, version] = [new Map(), schemaVersion]
    const isRefused = createJudge(engine)
    const untranslated: string[] = []
    let begun = performance.now()
    for (const { sql } of seen) {
      if (performance.now() - begun > sliceMs) {
        await yieldToEventLoop()
        begun = performance.now()
      }
      const refused = verdicts.get(sql) ?? isRefused(sql)
      verdicts.set(sql, refused)
      if (refused) untranslated.push(shown(sql))
    }
    const isUncompared = ({ sql, outcomes }: StatementFigures): boolean =>
      outcomes.transient + timesRight(outcomes) < minComparisons && shadowing.compares(sql)
    const uncompared = seen.filter(isUncompared).map(({ sql }) => shown(sql))
    const isUnrehearsed = ({ sql, rehearsals }: StatementFigures): boolean =>
      timesRight(rehearsals) < minRehearsals && plans.of(sql).changesRows
    const unrehearsed = seen.filter(isUnrehearsed).map(({ sql }) => shown(sql))
    return { seen: seen.length, untranslated, uncompared, unrehearsed }
  }
}

type Right = Readonly<Record<'equal' | 'undecided' | 'ignored', number>>

/** What no data decide, and what a rule leaves out, is never said to be equal. */
function timesRight({ equal, undecided, ignored }: Right = noRehearsals): number {
  return equal + undecided + ignored
}

/** By plans of its own: those of the application are kept for what it runs most. */
function createJudge(engine: Engine): (sql: string) => boolean {
  const { file, tables, options } = engine
  const overrides = createOverrides(readOverrides(options.overrides))
  let made = 0
  const source = statementSourceOf(file.reader, {
    version: 0,
    tables,
    foreignKeys: engine.control().foreignKeys,
    safeIntegers: options.sqlite.safeIntegers,
    nextName: () => `lockstep_judged_${made++}`,
  })
  const settings = {
    plans: createPlans(() => source, overrides),
    overrides,
    sqliteVersion: sqliteFacts(file.reader).sqliteVersion,
    readBySqlite: (text: string) => columnNames(file.reader, text),
    // A change that the application has made is judged by what it left.
    trial: { change: () => undefined },
  }
  return (sql) => isTaken(file.reader, sql) && judge(sql, settings).verdict === 'refused'
}

/** A change of the schema leaves statements behind that SQLite does not take any longer either. */
function isTaken(db: Connection, sql: string): boolean {
  try {
    db.prepare(sql)
    return true
  } catch {
    return false
  }
}

function shown(sql: string): string {
  const text = withoutLiterals(sql).replaceAll(/\s+/g, ' ')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
