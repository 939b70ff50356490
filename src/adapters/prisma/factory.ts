import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { Lockstep } from '../../api.ts'
import { findBeneath } from '../../route/beneath.ts'
import { isLockstep } from '../is-lockstep.ts'
import { LockstepAdapter } from './adapter.ts'
import type { TimestampFormat } from './arguments.ts'
import { knownColumns } from './columns.ts'

export interface PrismaLockstepOptions {
  /** How a DateTime is written, as Prisma's adapter for better-sqlite3 calls it. Default `iso8601`. */
  readonly timestampFormat?: TimestampFormat
}

const formats = new Set<string>(['iso8601', 'unixepoch-ms'] satisfies TimestampFormat[])

/**
 * Prisma's driver adapter for SQLite over Lockstep, in the place of that for better-sqlite3: the application's client and
 * its queries stay, whichever place serves them. `$disconnect()` closes Lockstep, as that of Prisma closes the file.
 *
 * @example
 * const lockstep = () => createLockstep({ sqlite: { path: './app.db', safeIntegers: true } })
 * const prisma = new PrismaClient({ adapter: new PrismaLockstep(lockstep) })
 */
export class PrismaLockstep implements SqlDriverAdapterFactory {
  readonly provider = 'sqlite'
  readonly adapterName = 'lockstep'
  readonly #open: () => Promise<Lockstep>
  readonly #timestampFormat: TimestampFormat

  /** @param database what `createLockstep()` resolves with, or a function that opens it when the client connects */
  constructor(database: Lockstep | (() => Promise<Lockstep>), options: PrismaLockstepOptions = {}) {
    const { timestampFormat = 'iso8601' } = options
    if (!formats.has(timestampFormat))
      throw new TypeError(`Expected timestampFormat to be one of ${[...formats].join(', ')}`)
    this.#timestampFormat = timestampFormat
    if (typeof database === 'function') this.#open = database
    else if (isLockstep(database)) {
      checkExact(database)
      this.#open = async () => database
    } else
      throw new TypeError(
        'Expected the first argument to be what createLockstep() resolves with, or an async function that opens it',
      )
  }

  async connect(): Promise<SqlDriverAdapter> {
    const database = await this.#open()
    checkExact(database)
    const { file } = findBeneath(database)
    return new LockstepAdapter(database, {
      timestampFormat: this.#timestampFormat,
      columns: knownColumns(file.reader),
    })
  }
}

/** @throws TypeError where integers would come as numbers, of which Prisma tells no count from a fraction */
function checkExact(database: Lockstep): void {
  if (findBeneath(database).safeIntegers) return
  throw new TypeError(
    'Open Lockstep with sqlite.safeIntegers: true: Prisma asks for integers as bigint, and gives the application numbers',
  )
}
