import type { PlaceName } from '../place/place.ts'
import type { PostgresExecutor } from '../route/postgres-executor.ts'
import type { SqliteExecutor } from '../route/sqlite-executor.ts'
import { errorType } from './collect.ts'
import type { Registry } from './registry.ts'
import { systems } from './systems.ts'

type Operation = 'read' | 'write' | 'transaction'

/**
 * How long statements take on each place. Until somebody listens a statement costs one look at a boolean
 * more than without it: a read by key takes microseconds, and two looks at the clock would show.
 */
export class Timing {
  #listening = false
  readonly #record: Readonly<Record<PlaceName, Record<Operation, (seconds: number) => void>>>
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
    const recorders = (place: PlaceName): Record<Operation, (seconds: number) => void> => ({
      read: this.#recorder(place, 'read'),
      write: this.#recorder(place, 'write'),
      transaction: this.#recorder(place, 'transaction'),
    })
    this.#record = { sqlite: recorders('sqlite'), postgres: recorders('postgres') }
  }

  listen(): void {
    this.#listening = true
  }

  now<T>(place: PlaceName, operation: Operation, work: () => T): T {
    const begun = performance.now()
    try {
      const answer = work()
      this.#record[place][operation]((performance.now() - begun) / 1000)
      return answer
    } catch (error) {
      this.#fail(place, operation, begun, error)
      throw error
    }
  }

  async later<T>(place: PlaceName, operation: Operation, work: () => Promise<T>): Promise<T> {
    const begun = performance.now()
    try {
      const answer = await work()
      this.#record[place][operation]((performance.now() - begun) / 1000)
      return answer
    } catch (error) {
      this.#fail(place, operation, begun, error)
      throw error
    }
  }

  sqlite(executor: SqliteExecutor): SqliteExecutor {
    return {
      ...executor,
      read: (method, sql, args) =>
        this.#listening
          ? this.later('sqlite', 'read', () => executor.read(method, sql, args))
          : executor.read(method, sql, args),
      readNow: (method, sql, args) =>
        this.#listening
          ? this.now('sqlite', 'read', () => executor.readNow(method, sql, args))
          : executor.readNow(method, sql, args),
      write: (method, plan, args) =>
        this.#listening
          ? this.later('sqlite', 'write', () => executor.write(method, plan, args))
          : executor.write(method, plan, args),
      transaction: (mode, work) =>
        this.#listening
          ? this.later('sqlite', 'transaction', () => executor.transaction(mode, work))
          : executor.transaction(mode, work),
    }
  }

  postgres(executor: PostgresExecutor): PostgresExecutor {
    return {
      ...executor,
      read: (method, plan, args) =>
        this.#listening
          ? this.later('postgres', 'read', () => executor.read(method, plan, args))
          : executor.read(method, plan, args),
      write: (method, plan, args) =>
        this.#listening
          ? this.later('postgres', 'write', () => executor.write(method, plan, args))
          : executor.write(method, plan, args),
      transaction: (work) =>
        this.#listening
          ? this.later('postgres', 'transaction', () => executor.transaction(work))
          : executor.transaction(work),
    }
  }

  #recorder(
    place: PlaceName,
    operation: Operation,
    failure: Readonly<Record<string, string>> = {},
  ): (seconds: number) => void {
    return this.#registry.recorder('db.client.operation.duration', {
      'db.system.name': systems[place],
      'lockstep.operation': operation,
      ...failure,
    })
  }

  #fail(place: PlaceName, operation: Operation, begun: number, error: unknown): void {
    const failure = { 'error.type': errorType(error) }
    this.#recorder(place, operation, failure)((performance.now() - begun) / 1000)
  }
}
