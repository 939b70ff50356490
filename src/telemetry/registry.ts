import { definitions, type Definition, type MetricName } from './definitions.ts'

/** Values of a definition's attributes, by name; those that are left out are empty. */
export type Attributes = Readonly<Record<string, string>>

export interface Series {
  readonly attributes: Attributes
  /** Of a counter or a gauge. */
  value: number
}

export interface HistogramSeries {
  readonly attributes: Attributes
  /** How many fell under each bound and not under the one before; the last is for what is above all. */
  readonly counts: number[]
  sum: number
  count: number
}

/** A metric has so many series at the most; what would be one more is counted under `other`. */
export const maxSeries = 200

/**
 * The figures of one Lockstep. Everything that is exported comes from here, so that OpenTelemetry and
 * Prometheus cannot disagree.
 */
export class Registry {
  /** Sees what is recorded into histograms. */
  onRecord: ((name: MetricName, value: number, attributes: Attributes) => void) | undefined
  readonly #values = new Map<MetricName, Map<string, Series>>()
  readonly #histograms = new Map<MetricName, Map<string, HistogramSeries>>()

  set(name: MetricName, value: number, attributes: Attributes = {}): void {
    seriesOf(this.#values, name, attributes, () => ({ attributes, value: 0 })).value = value
  }

  add(name: MetricName, attributes: Attributes = {}, by = 1): void {
    seriesOf(this.#values, name, attributes, () => ({ attributes, value: 0 })).value += by
  }

  /** The function that records into one series, for where a look-up would cost more than the record. */
  recorder(name: MetricName, attributes: Attributes = {}): (value: number) => void {
    const { bounds = [] }: Definition = definitions[name]
    const series = seriesOf(this.#histograms, name, attributes, () => ({
      attributes,
      counts: Array.from({ length: bounds.length + 1 }, () => 0),
      sum: 0,
      count: 0,
    }))
    return (value) => {
      let bucket = 0
      while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
      series.counts[bucket] = (series.counts[bucket] as number) + 1
      series.sum += value
      series.count++
      this.onRecord?.(name, value, attributes)
    }
  }

  values(name: MetricName): Iterable<Series> {
    return this.#values.get(name)?.values() ?? []
  }

  histograms(name: MetricName): Iterable<HistogramSeries> {
    return this.#histograms.get(name)?.values() ?? []
  }
}

function seriesOf<S extends { readonly attributes: Attributes }>(
  all: Map<MetricName, Map<string, S>>,
  name: MetricName,
  attributes: Attributes,
  create: () => S,
): S {
  let known = all.get(name)
  if (known === undefined) all.set(name, (known = new Map<string, S>()))
  const names: readonly string[] = definitions[name].attributes
  const key = names.map((one) => attributes[one] ?? '').join('\u0000')
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size < maxSeries || isOther(attributes)) {
    const series = create()
    known.set(key, series)
    return series
  }
  const other = Object.fromEntries(names.map((one) => [one, 'other']))
  return seriesOf(all, name, other, () => ({ ...create(), attributes: other }))
}

function isOther(attributes: Attributes): boolean {
  return Object.values(attributes).every((value) => value === 'other')
}
