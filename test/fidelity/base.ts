import Database from 'better-sqlite3'
import { carry, type Carried } from './carry.ts'
import { TypeMemory } from './learn-types.ts'
import type { FidelityServer } from './server.ts'
import { openSqlite } from './sqlite-side.ts'

/**
 * A state that many cases begin with. It is made once: on PostgreSQL in a transaction that stays open, with
 * a savepoint for each case; on SQLite as the bytes of a file, of which each case gets a copy.
 */
export class Base implements AsyncDisposable {
  static readonly begin = 'SAVEPOINT fidelity_base'
  static readonly end = 'ROLLBACK TO SAVEPOINT fidelity_base; RELEASE SAVEPOINT fidelity_base'

  readonly carried: Carried
  readonly #bytes: Buffer
  readonly #server: FidelityServer

  private constructor(server: FidelityServer, carried: Carried, bytes: Buffer) {
    this.#server = server
    this.carried = carried
    this.#bytes = bytes
  }

  static async open(server: FidelityServer, statements: readonly string[]): Promise<Base> {
    const db = openSqlite()
    try {
      for (const sql of statements) db.exec(sql)
      const types = new TypeMemory()
      types.observe(db, null)
      await server.client.query('BEGIN')
      return new Base(server, await carry(db, server.client, types, null), db.serialize())
    } finally {
      db.close()
    }
  }

  copy(): Database.Database {
    const db = new Database(this.#bytes)
    db.defaultSafeIntegers(true)
    return db
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.client.query('ROLLBACK')
  }
}
