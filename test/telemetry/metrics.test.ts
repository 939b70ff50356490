import { readFileSync } from 'node:fs'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { definitions, type MetricName } from '../../src/telemetry/definitions.ts'
import { prometheusName, prometheusText } from '../../src/telemetry/prometheus.ts'
import { maxSeries, Registry } from '../../src/telemetry/registry.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { projectRoot } from '../support/built.ts'

const names = Object.keys(definitions) as MetricName[]

test('docs/metrics.md lists every metric as it is defined, and no other', () => {
  const text = readFileSync(`${projectRoot}docs/metrics.md`, 'utf8')
  const listed = text.split('\n').filter((line) => line.startsWith('| `'))
  const rows = names.map((name) => {
    const { kind, unit, attributes, about } = definitions[name]
    const shown = attributes.map((attribute) => `\`${attribute}\``).join(', ')
    return ['', `\`${name}\``, `\`${prometheusName(name)}\``, kind, unit, shown, about, '']
  })
  const cells = listed.map((line) => line.split('|').map((cell) => cell.trim()))
  expect(cells).toEqual(rows)
})

describe('the text for Prometheus', () => {
  test('has buckets that add up, and values that cannot break out of their quotes', () => {
    const registry = new Registry()
    const record = registry.recorder('lockstep.flip.pause', { 'lockstep.to': 'postgres' })
    for (const seconds of [0.005, 0.006, 100]) record(seconds)
    registry.add('lockstep.quarantined', { 'db.collection.name': 'a"b\\c\nd' })
    const text = prometheusText(registry)
    expect(text).toContain('lockstep_quarantined_total{db_collection_name="a\\"b\\\\c\\nd"} 1\n')
    const pause = 'lockstep_flip_pause_seconds'
    expect(text).toContain(`${pause}_bucket{lockstep_to="postgres",le="0.005"} 1\n`)
    expect(text).toContain(`${pause}_bucket{lockstep_to="postgres",le="10"} 2\n`)
    expect(text).toContain(`${pause}_bucket{lockstep_to="postgres",le="+Inf"} 3\n`)
    expect(text).toContain(`${pause}_count{lockstep_to="postgres"} 3\n`)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{.*\})? [-+\d.eInf]+)$/)
  })

  test('has a bounded number of series, and loses no count', () => {
    const registry = new Registry()
    for (let table = 0; table < 10 * maxSeries; table++)
      registry.add('lockstep.quarantined', { 'db.collection.name': `t${table}` })
    const series = [...registry.values('lockstep.quarantined')]
    expect(series).toHaveLength(maxSeries + 1)
    expect(series.at(-1)).toEqual({
      attributes: { 'db.collection.name': 'other' },
      value: 9 * maxSeries,
    })
  })
})

describe('with the SDK of OpenTelemetry', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  let pair: Pair
  beforeAll(async () => {
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
    pair = await openPair({
      schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)',
      stage: 'flipped',
    })
  })
  afterAll(async () => {
    await pair.close()
    await reader.shutdown()
    metrics.disable()
  })

  test('the application gets every metric under its own name, as Prometheus does', async () => {
    await pair.db.run('INSERT INTO t (n) VALUES (1)')
    await pair.db.get('SELECT * FROM t WHERE id = 1')
    await expect(pair.db.run('INSERT INTO t VALUES (1, 1)')).rejects.toThrow('UNIQUE')
    await reader.forceFlush()
    const exported = new Map(
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .map((metric) => [metric.descriptor.name, metric]),
    )
    const expected = names.filter(
      (name) => !/verify|divergences|quarantined|drifts|errors/.test(name),
    )
    for (const name of expected) expect([...exported.keys()]).toContain(name)
    const duration = exported.get('db.client.operation.duration')
    expect(duration?.dataPoints.map(({ attributes }) => attributes)).toContainEqual({
      'db.system.name': 'postgresql',
      'lockstep.operation': 'write',
      'error.type': 'SQLITE_CONSTRAINT_PRIMARYKEY',
    })
    const primary = exported.get('lockstep.primary')?.dataPoints
    expect(primary).toContainEqual(
      expect.objectContaining({ attributes: { 'lockstep.place': 'postgres' }, value: 1 }),
    )
    expect(await pair.db.metrics()).toContain('lockstep_primary{lockstep_place="postgres"} 1\n')
  })
})

test('nothing is timed before somebody listens', async () => {
  await using pair = await openPair({
    schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY)',
    stage: 'plain',
  })
  await pair.db.get('SELECT * FROM t WHERE id = 1')
  const count = (text: string): string[] =>
    text.match(/^db_client_operation_duration_seconds_count.*$/gm) ?? []
  const first = await pair.db.metrics()
  expect(count(first).every((line) => line.endsWith(' 0'))).toBe(true)
  await pair.db.get('SELECT * FROM t WHERE id = 1')
  expect(count(await pair.db.metrics()).filter((line) => line.endsWith(' 1'))).toHaveLength(1)
})
