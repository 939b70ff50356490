import type { Plan } from '../route/plans.ts'
import type { AroundRun } from '../shadow/read.ts'
import { link, type Spans } from './spans.ts'
import { summaryOf } from './traced-statements.ts'

const untraced: AroundRun = (run) => run()

/** To be called where the application reads: what it gives makes the span of the shadow run, linked with the caller's. */
export function aroundShadow(spans: Spans, plan: Pick<Plan, 'kind' | 'tables'>): AroundRun {
  if (!spans.on) return untraced
  const origin = spans.active
  return (run) =>
    spans.apart(
      {
        name: 'lockstep.shadow',
        kind: 'internal',
        attributes: { 'db.query.summary': summaryOf(plan) },
      },
      async (span) => {
        if (origin !== null) link(span, origin)
        const verdict = await run()
        span.setAttribute('lockstep.outcome', verdict?.kind ?? 'none')
        return verdict
      },
    )
}
