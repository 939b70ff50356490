import { EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'
import type Database from 'better-sqlite3'
import knex, { type Knex } from 'knex'
import type { Lockstep } from '../../src/index.ts'
import type { Queryable } from '../../src/api.ts'
import { analyze } from '../../src/sql/statement.ts'

/** Knex has no types for its dialects. */
const Dialect = createRequire(import.meta.url)(
  'knex/lib/dialects/better-sqlite3/index.js',
) as typeof Knex.Client

/** What knex's dialect asks of a connection: a statement that has rows, or one that has none. */
interface Connection {
  prepare(sql: string): {
    readonly reader: boolean
    all(bindings: readonly unknown[]): Promise<unknown[]>
    run(bindings: readonly unknown[]): Promise<unknown>
  }
  close(): void
}

/** A transaction that knex has begun: Lockstep's ends when `end` is called. */
interface OpenTransaction {
  readonly tx: Queryable
  /** With an error the transaction rolls back. */
  end(error?: Error): Promise<void>
}

const nothing = { changes: 0, lastInsertRowid: 0 }

class RolledBack extends Error {}

/** Lockstep's transactions are functions; this one runs until `end` is called. */
async function begin(db: Lockstep): Promise<OpenTransaction> {
  const signals = new EventEmitter()
  const begun = once(signals, 'begun') as Promise<[Queryable]>
  const done = db.transaction(async (tx) => {
    const ended = once(signals, 'end') as Promise<[Error | undefined]>
    signals.emit('begun', tx)
    const [error] = await ended
    if (error !== undefined) throw error
  })
  const [tx] = await Promise.race([begun, done.then((): never => nothingBegun())])
  const end = async (error?: Error): Promise<void> => {
    signals.emit('end', error)
    try {
      await done
    } catch (reason) {
      if (reason !== error) throw reason
    }
  }
  return { tx, end }
}

function nothingBegun(): never {
  throw new Error('The transaction has ended before it was begun')
}

/** One connection as knex has it, with BEGIN and COMMIT, over Lockstep's transactions. */
export function lockstepConnection(db: Lockstep): Connection {
  let open: OpenTransaction | undefined
  const run = async (sql: string, bindings: readonly unknown[]): Promise<unknown> => {
    const word = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase()
    if (word === 'BEGIN') {
      open = await begin(db)
      return nothing
    }
    if (word === 'COMMIT' || (word === 'ROLLBACK' && !/\bTO\b/i.test(sql))) {
      const ended = open
      open = undefined
      await ended?.end(word === 'COMMIT' ? undefined : new RolledBack())
      return nothing
    }
    // Knex reads `lastInsertRowid` of every statement, also where it is unknown; a copy is without it then.
    return { ...(await (open?.tx ?? db).run(sql, bindings)) }
  }
  return {
    prepare: (sql) => ({
      reader: analyze(sql).returnsRows,
      all: (bindings) => (open?.tx ?? db).all(sql, bindings),
      run: (bindings) => run(sql, bindings),
    }),
    close: () => undefined,
  }
}

export function plainConnection(file: Database.Database): Connection {
  return {
    prepare: (sql) => {
      const statement = file.prepare(sql)
      return {
        reader: statement.reader,
        all: async (bindings) => statement.all(...bindings),
        run: async (bindings) => statement.run(...bindings),
      }
    },
    close: () => undefined,
  }
}

/** Knex with the dialect for better-sqlite3, over another connection. */
export function knexOver(connection: Connection): Knex {
  class Client extends Dialect {
    _driver(): null {
      return null
    }
    override async acquireRawConnection(): Promise<Connection> {
      return connection
    }
  }
  return knex({ client: Client, useNullAsDefault: true, connection: { filename: '' } })
}
