import { isLockstepError, LockstepError } from '../core/errors.ts'
import { TypedEmitter } from '../core/events.ts'
import type { LockstepEvents } from '../api.ts'
import { createCompacting } from './compacting.ts'
import { Installation } from './installation.ts'
import type { CutoverContext } from '../cutover/context.ts'
import { recover } from '../cutover/recover.ts'
import { Applier } from '../mirror/applier.ts'
import { createBreaker, type Breaker } from '../mirror/breaker.ts'
import type { Compactor } from '../mirror/compactor.ts'
import { Lag } from '../mirror/lag.ts'
import { createProgress, type Progress } from '../mirror/progress.ts'
import { Shipper, type FindObserver } from '../mirror/shipper.ts'
import { createTicketCounter, type TicketCounter } from '../mirror/ticket.ts'
import { SchemaFollower } from '../move/follow-schema.ts'
import { checkDrift } from '../move/install.ts'
import { findPartner, requirePartner } from '../move/pair.ts'
import { checkPostgresDrift, type DriftSettings } from '../move/postgres-drift.ts'
import { repair, type RepairContext } from '../move/repair.ts'
import type { ResolvedOptions } from '../options/options.ts'
import type { PlaceName } from '../place/place.ts'
import { checkReachable, openPostgres, type PostgresServer } from '../postgres/connection.ts'
import { isShutOut } from '../postgres/errors.ts'
import { PostgresSession } from '../postgres/session.ts'
import { PostgresSource } from '../postgres/source.ts'
import { PostgresTarget } from '../postgres/target.ts'
import type { Flags } from '../route/flags.ts'
import type { Table } from '../schema/model.ts'
import { openSqlite, type SqliteFile } from '../sqlite/connection.ts'
import type { ControlRow } from '../sqlite/control.ts'
import { stepVersion } from '../sqlite/schema-change.ts'
import { rememberSchemaVersion } from '../sqlite/install.ts'
import { dataVersion, schemaVersion } from '../sqlite/versions.ts'
import { SqliteSource } from '../sqlite/source.ts'
import { SqliteTarget } from '../sqlite/target.ts'
import type { Twin } from '../sqlite/twin.ts'
import { SqliteWriter } from '../sqlite/writer.ts'
import { Telemetry } from '../telemetry/telemetry.ts'

/** The parts that keep the two places equal, without the routing of statements. */
export class Engine {
  readonly options: ResolvedOptions
  readonly events: TypedEmitter<LockstepEvents> = new TypedEmitter()
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly server: PostgresServer
  readonly session: PostgresSession
  readonly shipper: Shipper
  readonly progress: Record<PlaceName, Progress>
  readonly breaker: Breaker
  readonly applier: Applier
  readonly compactor: Compactor
  readonly lag: Lag
  readonly tickets: TicketCounter
  readonly telemetry: Telemetry
  /** The flags in force; set once the store is open. */
  flags: () => Flags = () => {
    throw new LockstepError('CLOSED', 'The flags are not read yet')
  }
  /** Why the flags that are stored are not in force, or null; set once the store is open. */
  flagsRefused: () => string | null = () => null
  /** Keeps the flag `primary` in step with a flip; set once the store is open. */
  keepPrimary: (primary: PlaceName) => Promise<void> = async () => undefined
  /** Stores the flags where an install has just made the place for them; set once the store is open. */
  keepFlags: () => Promise<void> = async () => undefined
  /** Sees batches, of the applier or of other work; set once statements are routed. */
  observer: FindObserver = () => undefined
  readonly #installation: Installation
  #paired = false
  #checkedVersion = -1
  readonly #follower: SchemaFollower
  readonly #releasers: (() => unknown)[] = []

  constructor(options: ResolvedOptions) {
    this.options = options
    this.file = openSqlite(options.sqlite)
    this.#releasers.push(() => this.file.close())
    this.telemetry = new Telemetry(this.events, this.file.path)
    this.#releasers.push(() => this.telemetry.close())
    this.#installation = new Installation(this.file.reader)
    this.writer = new SqliteWriter(this.file.writer, {
      busyTimeoutMs: options.sqlite.busyTimeoutMs,
      maxWaiting: options.writes.maxHeld,
    })
    this.server = openPostgres(options.postgres)
    this.#releasers.push(() => this.server.close())
    this.#follower = new SchemaFollower(this)
    this.session = new PostgresSession(this.server)
    this.shipper = this.createShipper(this.session)
    this.#releasers.push(() => (this.shipper.close(), this.session.drop()))
    this.progress = createProgress(() => this.#installation.findControl())
    this.tickets = createTicketCounter(() => this.server.control)
    this.breaker = createBreaker({
      ...options.applier,
      onChange: (state, reason) => this.events.emit('breaker', { state, reason }),
    })
    this.lag = new Lag(this.file.reader, () => this.installed)
    this.applier = this.#createApplier()
    this.#releasers.push(() => this.applier.stop())
    const compacting = createCompacting(this)
    this.compactor = compacting.compactor
    this.#releasers.push(compacting.close, () => this.compactor.stop())
  }

  /** Checks what can be checked before the application begins. */
  async start(): Promise<void> {
    try {
      // Whether it holds the copy comes later: `uninstall` must be possible where it does not.
      if (this.installed) await findPartner(this.server, () => this.control())
      else await checkReachable(this.server)
    } catch (error) {
      if (!this.installed || !isShutOut(error)) throw error
    }
  }

  get installed(): boolean {
    return this.#installation.installed
  }

  get tables(): readonly Table[] {
    return this.#installation.tables
  }

  /** The schema's version of the last install that this process has seen, or -1. */
  get version(): number {
    return this.#installation.version
  }

  control(): ControlRow {
    return this.#installation.control()
  }

  findControl(): ControlRow | null {
    return this.#installation.findControl()
  }

  reload(): void {
    this.#installation.reload()
    this.#paired = false
  }

  get outdated(): boolean {
    return this.#installation.outdated
  }

  requireInstalled(): void {
    if (this.outdated) this.reload()
    this.#installation.require()
  }

  /** See Installation.refuseOrphan. */
  refuseOrphan(): void {
    this.#installation.refuseOrphan()
  }

  cutover(): CutoverContext {
    return {
      server: this.server,
      file: this.file,
      writer: this.writer,
      shipper: this.shipper,
      tables: () => this.tables,
      foreignKeys: this.control().foreignKeys,
      reach: this.options.testing.reach,
      changed: () => this.applier.wake(),
    }
  }

  /** A token that covers every write of the primary that has been acknowledged before the call. */
  async newestToken(primary: PlaceName): Promise<bigint> {
    return primary === 'sqlite' ? this.lag.newest() : this.tickets.draw()
  }

  repairContext(): RepairContext {
    return { server: this.server, writer: this.writer, primary: this.control().primary }
  }

  /** A shipper over a session of the caller's, who closes it, for work that must hold locks of its own. */
  createShipper(session: PostgresSession, twin?: Twin): Shipper {
    const { testing, sqlite } = this.options
    const onQuarantine = (entry: LockstepEvents['quarantine']): void =>
      this.events.emit('quarantine', entry)
    const sqliteSource = new SqliteSource(this.file, this.writer, () => this.#installation, twin)
    const sqliteTarget = new SqliteTarget(this.file, sqlite.busyTimeoutMs, onQuarantine)
    return new Shipper({
      directions: {
        sqlite: this.telemetry.batches.direction('sqlite', {
          source: sqliteSource,
          target: new PostgresTarget(session, onQuarantine),
        }),
        postgres: this.telemetry.batches.direction('postgres', {
          source: new PostgresSource(session, () => this.tables),
          target: sqliteTarget,
        }),
      },
      limits: this.options.applier,
      reach: testing.reach,
      check: () => this.#checkBeforeShipping(),
      onApplied: (primary, token) => this.progress[primary].advance(token),
      observer: () => this.observer(session === this.session),
      close: () => (sqliteSource.close(), sqliteTarget.close()),
    })
  }

  /**
   * Looks for schema changes on both places; on PostgreSQL once it has all of the tables.
   * @throws LockstepError SCHEMA_DRIFT
   */
  async checkDrift(settings: DriftSettings = {}): Promise<void> {
    const { schemaVersion: installed, backfilled } = this.control()
    if (schemaVersion(this.file.reader) !== installed) checkDrift(this.file.reader, this.tables)
    if (!backfilled) return
    await checkPostgresDrift(this.server.control, this.server.schema, this.tables, settings)
  }

  /** @throws LockstepError PAIR_MISMATCH, PRIMARY_REWOUND; leaves an unreachable PostgreSQL for later. */
  async checkPair(): Promise<void> {
    if (this.#paired || !this.installed) return
    this.#paired = (await requirePartner(this)) !== undefined
  }

  /** As `checkPair`, whatever was found before: the database may have been made anew since. */
  async checkPairAgain(): Promise<void> {
    this.#paired = false
    await this.checkPair().catch((error: unknown) => {
      if (!isShutOut(error)) throw error
    })
  }

  /** Lets the place that is behind take the changes of the schema that the other one has; see SchemaStep. */
  async followSchema(): Promise<void> {
    const { primary, completed } = this.control()
    const { version } = stepVersion(this.file.reader)
    const isNew = await this.#follower.follow({ primary, completed, version })
    if (isNew) this.reload()
    await this.#follower.finish(primary, this.tables)
  }

  async recover(): Promise<void> {
    if (!this.installed) return
    await recover(this.cutover())
  }

  async close(): Promise<void> {
    for (const release of this.#releasers.toReversed()) await release()
  }

  async #checkBeforeShipping(): Promise<void> {
    if (this.outdated) this.reload()
    await this.checkPair()
    await this.followSchema()
    const version = schemaVersion(this.file.reader)
    if (version === this.#checkedVersion) return
    const { schemaVersion: installed } = this.control()
    if (version !== installed) {
      checkDrift(this.file.reader, this.tables)
      // VACUUM gives the rows of a keyless table new numbers, and raises the version; so does ANALYZE.
      const keyless = this.tables.filter((table) => table.key.kind === 'rowid')
      for (const table of keyless) await repair(this.repairContext(), table)
      await this.writer.write(() => rememberSchemaVersion(this.writer.db))
    }
    this.#checkedVersion = version
  }

  #createApplier(): Applier {
    const { applier } = this.options
    let seen = -1
    return new Applier({
      ...applier,
      shipper: this.shipper,
      leadership: this.session,
      breaker: this.breaker,
      progressOf: (primary) => this.progress[primary],
      work: () => this.#work(),
      changed: (primary) => {
        if (primary === 'postgres') return true
        const version = dataVersion(this.file.reader)
        if (version === seen) return false
        seen = version
        return true
      },
      onLeader: (leader) => this.events.emit('leader', { leader }),
      onError: (error) => {
        if (isLockstepError(error, 'SCHEMA_DRIFT'))
          this.events.emit('drift', { message: error.message })
        else this.events.emit('error', { error })
      },
    })
  }

  #work(): { primary: PlaceName } | { idle: string } {
    if (this.outdated) this.reload()
    if (!this.installed) return { idle: 'Lockstep is not installed' }
    const control = this.control()
    if (control.completed) return { idle: 'the migration is complete' }
    if (!control.backfilled) return { idle: 'the backfill is not complete' }
    if (!this.flags().mirror) return { idle: 'the flag mirror is off' }
    return { primary: control.primary }
  }
}
