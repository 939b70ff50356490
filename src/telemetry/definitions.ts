export type MetricName =
  | 'db.client.operation.duration'
  | 'lockstep.flip.pause'
  | 'lockstep.stage'
  | 'lockstep.primary'
  | 'lockstep.epoch'
  | 'lockstep.flip.state'
  | 'lockstep.postgres.reachable'
  | 'lockstep.backfilled'
  | 'lockstep.lag'
  | 'lockstep.journal.entries'
  | 'lockstep.quarantine.rows'
  | 'lockstep.breaker.open'
  | 'lockstep.applier.leader'
  | 'lockstep.applier.running'
  | 'lockstep.flags.mirror'
  | 'lockstep.flags.reads'
  | 'lockstep.flags.shadow'
  | 'lockstep.flags.ack_both'
  | 'lockstep.flags.refused'
  | 'lockstep.flags.unmet'
  | 'lockstep.verify.time'
  | 'lockstep.verify.equal'
  | 'lockstep.disk.free'
  | 'lockstep.applier.batches'
  | 'lockstep.applier.rows'
  | 'lockstep.writes'
  | 'lockstep.reads'
  | 'lockstep.fallbacks'
  | 'lockstep.autopilot.moves'
  | 'lockstep.writes.held'
  | 'lockstep.acknowledgements.degraded'
  | 'lockstep.shadow.reads'
  | 'lockstep.rehearsals'
  | 'lockstep.divergences'
  | 'lockstep.divergences.open'
  | 'lockstep.quarantined'
  | 'lockstep.flips'
  | 'lockstep.drifts'
  | 'lockstep.errors'

/** What a metric counts. Names and attributes are stable: docs/metrics.md lists them, and a test compares. */
export interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** As UCUM writes it, which OpenTelemetry asks for: `s`, `By`, `{row}`; `1` for a truth. */
  readonly unit: string
  readonly about: string
  /** Attributes whose values come from short fixed lists, or from the names of tables. */
  readonly attributes: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  readonly bounds?: readonly number[]
}

/** SQLite answers a read by key in some microseconds, far below what the conventions foresee. */
const durationBounds = [
  0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
]
const pauseBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const gauge = (about: string, unit = '1', attributes: readonly string[] = []): Definition => ({
  kind: 'gauge',
  unit,
  about,
  attributes,
})
const counter = (about: string, unit: string, attributes: readonly string[] = []): Definition => ({
  kind: 'counter',
  unit,
  about,
  attributes,
})

/** https://opentelemetry.io/docs/specs/semconv/database/database-metrics/ for what is not Lockstep's own. */
export const definitions: Readonly<Record<MetricName, Definition>> = {
  'db.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'How long statements of the application take on each place.',
    attributes: ['db.system.name', 'lockstep.operation', 'error.type'],
    bounds: durationBounds,
  },
  'lockstep.flip.pause': {
    kind: 'histogram',
    unit: 's',
    about: 'For how long flips held the writes.',
    attributes: ['lockstep.to'],
    bounds: pauseBounds,
  },
  'lockstep.stage': gauge('1 for the stage of the journey, else 0.', '1', ['lockstep.stage']),
  'lockstep.primary': gauge('1 for the place that takes the writes.', '1', ['lockstep.place']),
  'lockstep.epoch': gauge('How often the primary has moved.', '{flip}'),
  'lockstep.flip.state': gauge('1 for the state of the control record.', '1', ['lockstep.state']),
  'lockstep.postgres.reachable': gauge('1 while PostgreSQL answers.'),
  'lockstep.backfilled': gauge('1 once PostgreSQL has been equal to SQLite.'),
  'lockstep.lag': gauge('For how long the oldest change has waited for the secondary.', 's'),
  'lockstep.journal.entries': gauge('Entries that the secondary has not got.', '{entry}'),
  'lockstep.quarantine.rows': gauge('Rows that the secondary cannot hold.', '{row}'),
  'lockstep.breaker.open': gauge('1 while the applier rests after a failure.'),
  'lockstep.applier.leader': gauge('1 in the process whose applier leads.'),
  'lockstep.applier.running': gauge('1 while this process applies, or is idle as the leader.'),
  'lockstep.flags.mirror': gauge('1 while the flag mirror is on.'),
  'lockstep.flags.reads': gauge('Percent of reads that PostgreSQL is to serve.', '%'),
  'lockstep.flags.shadow': gauge('Percent of reads that are compared.', '%'),
  'lockstep.flags.ack_both': gauge('1 while writes wait for both places.'),
  'lockstep.flags.refused': gauge(
    '1 while the stored flags are refused and the last good in force.',
  ),
  'lockstep.flags.unmet': gauge('1 while the flag primary asks for a place that does not rule.'),
  'lockstep.verify.time': gauge('When a whole verify of this process ended, since 1970.', 's'),
  'lockstep.verify.equal': gauge('1 where that verify found both places equal.'),
  'lockstep.disk.free': gauge('Room on the disk of the SQLite file.', 'By'),
  'lockstep.applier.batches': counter('Batches that this process applied.', '{batch}'),
  'lockstep.applier.rows': counter('Journal entries that this process applied.', '{entry}'),
  'lockstep.writes': counter('Writes that this process ran.', '{write}'),
  'lockstep.reads': counter('Reads by the place that served them.', '{read}', ['lockstep.place']),
  'lockstep.fallbacks': counter('Reads that fell back to the primary.', '{read}', [
    'lockstep.reason',
  ]),
  'lockstep.autopilot.moves': counter(
    'Moves by the autopilot: of reads, or of the primary.',
    '{move}',
    ['lockstep.action'],
  ),
  'lockstep.writes.held': counter('Writes that waited for a flip.', '{write}'),
  'lockstep.acknowledgements.degraded': counter(
    'Writes that asked for both places and returned with one.',
    '{write}',
  ),
  'lockstep.shadow.reads': counter('Shadow reads by what became of them.', '{read}', [
    'lockstep.outcome',
  ]),
  'lockstep.rehearsals': counter('Rehearsed writes by what became of them.', '{write}', [
    'lockstep.outcome',
  ]),
  'lockstep.divergences': counter(
    'Confirmed differences of a read, or of a rehearsed write.',
    '{divergence}',
    ['lockstep.class', 'db.collection.name'],
  ),
  'lockstep.divergences.open': gauge(
    'Rows that reads show otherwise, and writes that go another way, as far as they are open.',
    '{divergence}',
    ['lockstep.operation'],
  ),
  'lockstep.quarantined': counter('Rows that went to quarantine.', '{row}', ['db.collection.name']),
  'lockstep.flips': counter('Flips by how they ended.', '{flip}', ['lockstep.outcome']),
  'lockstep.drifts': counter('Changes of a schema that stopped the applier.', '{drift}'),
  'lockstep.errors': counter('Failures of the applier and of what follows a flip.', '{error}', [
    'error.type',
  ]),
}
