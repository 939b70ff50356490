import { createNoopMeter, metrics, type Meter, type Observable } from '@opentelemetry/api'
import { definitions, type Definition, type MetricName } from './definitions.ts'
import type { Attributes, Registry } from './registry.ts'

/** What OpenTelemetry is given, for as long as it is not closed. */
export interface Bridge {
  /** Hands one figure of a histogram on at once: OpenTelemetry keeps buckets of its own. */
  readonly record: (name: MetricName, value: number, attributes: Attributes) => void
  close(): void
}

/**
 * Gives the registry to the application's OpenTelemetry, or null where it has set none up: an application
 * does that before it opens a database. Counters and gauges are read when they are exported.
 */
export function bridge(registry: Registry, refresh: () => Promise<void>): Bridge | null {
  const meter = metrics.getMeter('lockstep')
  // All meters are this one while nobody listens.
  if (meter === createNoopMeter()) return null
  const histograms = new Map(
    namesOf('histogram').map((name) => [name, createHistogram(meter, name)] as const),
  )
  const observed = [...namesOf('gauge'), ...namesOf('counter')].map(
    (name) => [name, createObservable(meter, name)] as const,
  )
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    await refresh()
    for (const [name, instrument] of observed)
      for (const { attributes, value } of registry.values(name))
        result.observe(instrument, value, attributes)
  }
  const instruments = observed.map(([, instrument]) => instrument)
  meter.addBatchObservableCallback(observe, instruments)
  return {
    record: (name, value, attributes) => histograms.get(name)?.record(value, attributes),
    close: () => meter.removeBatchObservableCallback(observe, instruments),
  }
}

function namesOf(kind: Definition['kind']): MetricName[] {
  const names = Object.keys(definitions) as MetricName[]
  return names.filter((name) => definitions[name].kind === kind)
}

function createHistogram(meter: Meter, name: MetricName): ReturnType<Meter['createHistogram']> {
  const { unit, about, bounds = [] }: Definition = definitions[name]
  return meter.createHistogram(name, {
    unit,
    description: about,
    advice: { explicitBucketBoundaries: [...bounds] },
  })
}

function createObservable(meter: Meter, name: MetricName): Observable {
  const { unit, about, kind } = definitions[name]
  const options = { unit, description: about }
  return kind === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options)
}
