import type { Settings } from '../core/settings.ts'
import type { AutopilotSettings } from '../cutover/autopilot.ts'

export function autopilotFrom(autopilot: Settings): AutopilotSettings {
  const settings = {
    back: autopilot.boolean('back', true),
    forward: autopilot.boolean('forward', false),
    rollback: autopilot.boolean('rollback', false),
    rollbackAfterMs: autopilot.integer('rollbackAfterMs', { fallback: 30_000, min: 0 }),
    stepMs: autopilot.integer('stepMs', { fallback: 3_600_000, min: 1 }),
    windowMs: autopilot.integer('windowMs', { fallback: 10_000, min: 1000, max: 60_000 }),
    minReads: autopilot.integer('minReads', { fallback: 20, min: 1 }),
    maxErrorPercent: autopilot.integer('maxErrorPercent', { fallback: 10, min: 0, max: 100 }),
    maxP99Ms: autopilot.integer('maxP99Ms', { fallback: 5000, min: 0 }),
    maxDivergences: autopilot.integer('maxDivergences', { fallback: 0, min: 0 }),
  }
  if (settings.back || !settings.forward) return settings
  throw autopilot.refuse('back', 'must not be false where autopilot.forward is true')
}
