import type { Span } from '@opentelemetry/api'
import type { PlaceName } from '../place/place.ts'
import type { Plan, Plans } from '../route/plans.ts'
import type { PostgresExecutor } from '../route/postgres-executor.ts'
import type { SqliteExecutor } from '../route/sqlite-executor.ts'
import type { Draft, Spans } from './spans.ts'
import { systems } from './systems.ts'

type Summarised = Pick<Plan, 'kind' | 'tables'>

/** More tables than these are left out of a summary; OpenTelemetry allows 255 characters. */
const maxTables = 4

/** Operation and tables: `SELECT users orders`. The text itself may hold what a row holds. */
export function summaryOf({ kind, tables }: Summarised): string {
  const more = tables.length > maxTables ? ['...'] : []
  return [operationOf(kind), ...tables.slice(0, maxTables), ...more].join(' ').slice(0, 255)
}

function operationOf(kind: Plan['kind']): string {
  return kind === null ? 'UNKNOWN' : kind.toUpperCase()
}

/** Told of a write when it begins; what it gives is called when the write has ended, whichever way. */
export type NoteWrite = (place: PlaceName, origin: Span) => (outcome: 'written' | 'failed') => void

/** Spans around the statements of the application; the executors are the same without them. */
export class TracedStatements {
  readonly #spans: Spans
  readonly #noteWrite: NoteWrite
  readonly #drafts: Record<PlaceName, WeakMap<object, Draft>> = {
    sqlite: new WeakMap(),
    postgres: new WeakMap(),
  }

  constructor(spans: Spans, noteWrite: NoteWrite) {
    this.#spans = spans
    this.#noteWrite = noteWrite
  }

  sqlite(executor: SqliteExecutor, plans: Plans): SqliteExecutor {
    const spans = this.#spans
    const draft = (sql: string): Draft => this.#draft('sqlite', plans.of(sql))
    return {
      ...executor,
      read: (method, sql, args) =>
        spans.on
          ? spans.later(draft(sql), () => executor.read(method, sql, args))
          : executor.read(method, sql, args),
      readNow: (method, sql, args) =>
        spans.on
          ? spans.now(draft(sql), () => executor.readNow(method, sql, args))
          : executor.readNow(method, sql, args),
      write: (method, plan, args) =>
        spans.on
          ? this.#write('sqlite', draft(plan.sql), () => executor.write(method, plan, args))
          : executor.write(method, plan, args),
      exec: (statements) =>
        spans.on
          ? this.#write('sqlite', whole('sqlite', 'SCRIPT'), () => executor.exec(statements))
          : executor.exec(statements),
      transaction: (mode, work) =>
        spans.on
          ? this.#write('sqlite', whole('sqlite', 'TRANSACTION'), () =>
              executor.transaction(mode, (execute) =>
                work({
                  ...execute,
                  call: (method, sql, args) =>
                    spans.now(draft(sql), () => execute.call(method, sql, args)),
                }),
              ),
            )
          : executor.transaction(mode, work),
    }
  }

  postgres(executor: PostgresExecutor): PostgresExecutor {
    const spans = this.#spans
    const draft = (statement: Summarised): Draft => this.#draft('postgres', statement)
    return {
      ...executor,
      read: (method, plan, args) =>
        spans.on
          ? spans.later(draft(plan.statement), () => executor.read(method, plan, args))
          : executor.read(method, plan, args),
      write: (method, plan, args) =>
        spans.on
          ? this.#write('postgres', draft(plan.statement), () => executor.write(method, plan, args))
          : executor.write(method, plan, args),
      transaction: (work) =>
        spans.on
          ? this.#write('postgres', whole('postgres', 'TRANSACTION'), () =>
              executor.transaction((transaction) =>
                work({
                  ...transaction,
                  call: (method, plan, args) =>
                    spans.later(draft(plan.statement), () => transaction.call(method, plan, args)),
                }),
              ),
            )
          : executor.transaction(work),
    }
  }

  async #write<T>(place: PlaceName, draft: Draft, work: () => Promise<T>): Promise<T> {
    const caller = this.#spans.active
    return this.#spans.later(draft, async (span) => {
      const ended = this.#noteWrite(place, caller ?? span)
      try {
        const result = await work()
        ended('written')
        return result
      } catch (error) {
        ended('failed')
        throw error
      }
    })
  }

  /** The same for each call of a statement. */
  #draft(place: PlaceName, statement: Summarised): Draft {
    const known = this.#drafts[place].get(statement)
    if (known !== undefined) return known
    const { kind, tables } = statement
    const summary = summaryOf(statement)
    const [only] = tables
    const draft: Draft = {
      name: summary,
      kind: 'client',
      attributes: {
        'db.system.name': systems[place],
        'db.operation.name': operationOf(kind),
        'db.query.summary': summary,
        ...(only !== undefined && tables.length === 1 ? { 'db.collection.name': only } : {}),
      },
    }
    this.#drafts[place].set(statement, draft)
    return draft
  }
}

/** What has no one statement. */
function whole(place: PlaceName, operation: 'TRANSACTION' | 'SCRIPT'): Draft {
  return {
    name: operation,
    kind: 'client',
    attributes: { 'db.system.name': systems[place], 'db.operation.name': operation },
  }
}
