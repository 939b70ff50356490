import type pg from 'pg'
import type { PostgresServer } from './connection.ts'
import { lock } from './control.ts'

/**
 * One pipelined connection that is made again when it broke. Session locks live and die with it, so who
 * lost the connection has lost the leadership too, and PostgreSQL says so to nobody else first.
 */
export class PostgresSession {
  readonly #server: PostgresServer
  #client: Promise<pg.Client> | undefined
  #leader = false

  constructor(server: PostgresServer) {
    this.#server = server
  }

  get schema(): string {
    return this.#server.schema
  }

  get leader(): boolean {
    return this.#leader
  }

  /** The connection; connects where there is none. Rejects where the server is away. */
  client(): Promise<pg.Client> {
    if (this.#client === undefined) {
      this.#client = this.#server.connect({ pipeline: true })
      void this.#watch(this.#client)
    }
    return this.#client
  }

  /**
   * A connection that breaks says so twice, and there may be another one before the second time: that one must not be
   * forgotten, as it would stay open, and lead, for nobody.
   */
  async #watch(connecting: Promise<pg.Client>): Promise<void> {
    const forget = (): void => {
      if (this.#client !== connecting) return
      this.#client = undefined
      this.#leader = false
    }
    try {
      const client = await connecting
      client.once('end', forget)
      client.once('error', forget)
    } catch {
      forget()
    }
  }

  /** Becomes the one that applies, unless another session is. True for who is already. */
  async tryLead(): Promise<boolean> {
    if (this.#leader) return true
    const client = await this.client()
    const { rows } = await client.query<{ won: boolean }>(
      `SELECT pg_try_advisory_lock(${lock.leader}) AS won`,
    )
    this.#leader = rows[0]?.won === true
    return this.#leader
  }

  async resign(): Promise<void> {
    if (!this.#leader) return
    this.#leader = false
    const client = await this.client()
    await client.query(`SELECT pg_advisory_unlock(${lock.leader})`)
  }

  /** Ends the connection, and with it whatever it holds. */
  async drop(): Promise<void> {
    const current = this.#client
    this.#client = undefined
    this.#leader = false
    const client = await current?.catch(() => undefined)
    await client?.end().catch(() => undefined)
  }
}
