import { oncePerTurn } from '../core/wait.ts'
import type { Engine } from '../engine/engine.ts'
import type { Plan, Plans } from '../route/plans.ts'
import type { Divergences } from './divergences.ts'
import { confirm } from '../shadow/confirm.ts'
import { Confirmer } from '../shadow/confirmer.ts'
import { saysNow } from '../shadow/chance.ts'
import { createSafeHooks, type HookedStatement } from '../shadow/hooks.ts'
import { keepArguments, type ShadowRead } from '../shadow/read.ts'
import type { Registry } from '../shadow/registry.ts'
import type { RuleSettings } from '../shadow/rules.ts'
import { isSampled } from '../shadow/sampling.ts'
import { Shadow } from '../shadow/shadow.ts'
import { subjectOf, type Subject } from '../shadow/subject.ts'
import type { BothPlaces, Query } from '../shadow/trial.ts'
import type { Judging, Verdict } from '../shadow/verdict.ts'
import { createShadowPlaces } from './shadow-places.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import { foldName } from '../sql/quote.ts'
import type { SqliteFacts } from '../sqlite/facts.ts'

export interface ShadowingOptions {
  readonly plans: Plans
  readonly facts: SqliteFacts
  readonly registry: Registry
  readonly divergences: Divergences
  /** Why the secondary has nothing to compare, or null. */
  readonly unusable: () => string | null
}

/** Samples the application's reads for comparison of both places. */
export interface Shadowing {
  readonly shadow: Shadow
  observe(plan: Plan, args: readonly unknown[]): void
  /** Whether reads of the statement can be compared at all. */
  compares(sql: string): boolean
  /** For each query whether both places answer alike at aligned snapshots; null where that cannot be told. */
  areEqual(queries: readonly Query[]): Promise<(boolean | null)[]>
  close(): Promise<void>
}

export function createShadowing(engine: Engine, options: ShadowingOptions): Shadowing {
  const { shadow: settings } = engine.options
  const places = createShadowPlaces(engine, options)
  const subjects = createSubjects(engine)
  const judging = createJudging(engine)
  const onVerdict = createOutcomes(options.divergences, () => shadow)
  const confirmer = new Confirmer({ ...places, judging, onVerdict })
  const shadow: Shadow = new Shadow({
    ...settings,
    unusable: oncePerTurn(options.unusable),
    live: places.live,
    judging,
    onEqual: (read) => {
      if (options.divergences.isOpenRun(read)) confirmer.suspect({ ...read, isSecondLook: true })
    },
    onSuspicion: (read) => {
      const isKept = read.record.isWorthConfirming() && confirmer.suspect(read)
      if (!isKept) void onVerdict(read, { kind: 'unknown', reason: 'not confirmed', away: false })
    },
  })
  const isEqual = async (query: Query, both: BothPlaces): Promise<boolean | null> => {
    const subject = subjects.of(options.plans.of(query.sql))
    if (subject === null) return null
    const read = { ...query, subject, record: options.registry.of(query.sql) }
    const { kind } = await confirm(subject, query, both, judging(read))
    return kind === 'equal' ? true : kind === 'different' ? false : null
  }
  return {
    shadow,
    observe(plan, args) {
      const { sample } = engine.flags().shadow
      const record = options.registry.of(plan.sql)
      const nth = record.nextRun()
      if (nth === null || !isSampled(nth, sample, settings.firstRuns)) return
      const subject = subjects.of(plan)
      if (subject === null || saysNow(args)) return
      const around = engine.telemetry.aroundShadow(plan)
      shadow.observe({ sql: plan.sql, args: keepArguments(args), subject, record, around })
    },
    compares: (sql) => subjects.of(options.plans.of(sql)) !== null,
    async areEqual(queries) {
      const equal: (boolean | null)[] = []
      await places.aligned(async (both) => {
        for (const query of queries) equal.push(await isEqual(query, both))
      })
      return equal
    },
    async close() {
      await Promise.all([shadow.stop(), confirmer.stop()])
      await places.close()
    },
  }
}

/** What each statement's text says, read once; null for what is not to be compared. */
function createSubjects(engine: Engine): { of(plan: Plan): Subject | null } {
  const known = new WeakMap<Plan, Subject | null>()
  const ignored = new Set(engine.options.shadow.ignoreStatements)
  const viewOf = (name: string): string | undefined =>
    engine.file.reader
      .prepare("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE")
      .pluck()
      .get(name) as string | undefined
  const read = (plan: Plan): Subject | null => {
    if (ignored.size > 0 && ignored.has(fingerprintOf(plan.sql))) return null
    const subject = subjectOf(plan.statement(), viewOf, engine.tables)
    return subject === null || subject.undecided !== null ? null : subject
  }
  return {
    of(plan) {
      const subject = known.get(plan)
      if (subject !== undefined) return subject
      const made = read(plan)
      known.set(plan, made)
      return made
    },
  }
}

/** What the options say of how values are compared. */
export function ruleSettings({ options: { shadow, sqlite } }: Engine): RuleSettings {
  return {
    ulps: shadow.ulps,
    tellsClasses: sqlite.safeIntegers,
    ignoredColumns: new Set(shadow.ignoreColumns.map(foldName)),
  }
}

function createJudging(engine: Engine): (read: ShadowRead) => Judging {
  const { shadow: settings } = engine.options
  const hooks = createSafeHooks(settings.hooks, (hook, message) =>
    engine.events.emit('hook-failed', { hook, message }),
  )
  const rules = ruleSettings(engine)
  const hooked = new WeakMap<Subject, HookedStatement>()
  return ({ subject }) => {
    const statement = hooked.get(subject) ?? hookedOf(subject)
    hooked.set(subject, statement)
    return {
      tables: engine.tables,
      settings: rules,
      clean: (answer) => hooks.clean(answer, statement),
      compare: (sqlite, postgres) => hooks.compare(sqlite, postgres, statement),
      ignore: (difference) => hooks.ignore(difference, statement),
    }
  }
}

function hookedOf({ statement: { sql, tables } }: Subject): HookedStatement {
  return Object.freeze({ sql, fingerprint: fingerprintOf(sql), tables })
}

/** Counts what came of a suspicion, here and in its statement's record. */
function createOutcomes(
  divergences: Divergences,
  shadow: () => Shadow,
): (read: ShadowRead, verdict: Verdict) => Promise<void> {
  return async (read, verdict) => {
    const { counters } = shadow()
    if (verdict.kind === 'different') {
      await divergences.found(read, verdict)
      counters.divergent++
      read.record.judged('divergent', null)
      return
    }
    if (verdict.kind === 'equal') await divergences.equalRun(read)
    if (read.isSecondLook) return
    // It differed before, so what is equal now was a race.
    const outcome = verdict.kind === 'equal' ? 'transient' : verdict.kind
    counters[outcome]++
    read.record.judged(outcome, 'reason' in verdict ? verdict.reason : null)
  }
}
