import { definitions, type Definition, type MetricName } from './definitions.ts'
import type { Attributes, HistogramSeries, Registry } from './registry.ts'

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Units that OpenTelemetry's rules for Prometheus add to a name; those in braces are words, which it leaves out. */
const suffixes: Readonly<Record<string, string>> = {
  s: '_seconds',
  By: '_bytes',
  '%': '_percent',
}

/** `lockstep.lag` in seconds is `lockstep_lag_seconds`. */
export function prometheusName(name: MetricName): string {
  const { kind, unit }: Definition = definitions[name]
  const suffix = suffixes[unit] ?? ''
  return `${name.replaceAll('.', '_')}${suffix}${kind === 'counter' ? '_total' : ''}`
}

/** Every metric, those without a series too, as what is not there looks like what was never built. */
export function prometheusText(registry: Registry): string {
  const names = Object.keys(definitions) as MetricName[]
  return names.map((name) => `${headOf(name)}${linesOf(registry, name).join('')}`).join('')
}

function headOf(name: MetricName): string {
  const { about, kind } = definitions[name]
  const shown = prometheusName(name)
  return `# HELP ${shown} ${escapeHelp(about)}\n# TYPE ${shown} ${kind}\n`
}

function linesOf(registry: Registry, name: MetricName): string[] {
  const shown = prometheusName(name)
  if (definitions[name].kind === 'histogram')
    return [...registry.histograms(name)].flatMap((series) => histogramLines(name, series))
  return [...registry.values(name)].map(
    ({ attributes, value }) => `${shown}${labels(attributes)} ${number(value)}\n`,
  )
}

function histogramLines(
  name: MetricName,
  { attributes, counts, sum, count }: HistogramSeries,
): string[] {
  const shown = prometheusName(name)
  const { bounds = [] }: Definition = definitions[name]
  let upTo = 0
  const buckets = [...bounds, Infinity].map((bound, bucket) => {
    upTo += counts[bucket] ?? 0
    return `${shown}_bucket${labels({ ...attributes, le: number(bound) })} ${upTo}\n`
  })
  return [
    ...buckets,
    `${shown}_sum${labels(attributes)} ${number(sum)}\n`,
    `${shown}_count${labels(attributes)} ${count}\n`,
  ]
}

function labels(attributes: Attributes): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.replaceAll('.', '_')}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function number(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
