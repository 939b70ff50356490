export type SpanName = 'statement' | 'transaction' | 'lockstep.apply' | 'lockstep.shadow'

/** What a span covers. Names and attributes are stable: docs/traces.md lists them, and a test compares. */
export interface SpanDefinition {
  readonly kind: 'client' | 'internal'
  readonly about: string
  /** Attributes whose values come from short fixed lists, or from the names of tables; never what rows hold. */
  readonly attributes: readonly string[]
}

/** https://opentelemetry.io/docs/specs/semconv/database/database-spans/ for what is not Lockstep's own. */
export const spanDefinitions: Readonly<Record<SpanName, SpanDefinition>> = {
  statement: {
    kind: 'client',
    about: 'One statement of the application on one place.',
    attributes: [
      'db.system.name',
      'db.operation.name',
      'db.collection.name',
      'db.query.summary',
      'error.type',
    ],
  },
  transaction: {
    kind: 'client',
    about: 'A transaction of the application on the primary, with its tries.',
    attributes: ['db.system.name', 'db.operation.name', 'error.type'],
  },
  'lockstep.apply': {
    kind: 'internal',
    about: 'One batch, from the snapshot of the primary to its commit on the secondary.',
    attributes: [
      'db.system.name',
      'lockstep.entries',
      'lockstep.quarantined',
      'lockstep.outcome',
      'error.type',
    ],
  },
  'lockstep.shadow': {
    kind: 'internal',
    about: 'One read of the application, run on both places again and compared.',
    attributes: ['db.query.summary', 'lockstep.outcome', 'error.type'],
  },
}
