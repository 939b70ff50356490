import type { Lockstep } from '../api.ts'
import { isLockstepError } from '../core/errors.ts'
import type { Engine } from './engine.ts'
import { record } from './record.ts'
import { readPostgresQuarantine } from '../postgres/quarantine.ts'
import { unlessAway } from '../postgres/unless-away.ts'
import { readAudit } from '../sqlite/audit.ts'
import { readSqliteQuarantine } from '../sqlite/quarantine.ts'

/** How many entries an answer has where nobody asks for another number. */
const defaultLimit = 100

/** Said of what a place could not hold when it became the primary all the same. */
const leftBehind = {
  postgres: 'SQLite alone has the row since a flip by force',
  sqlite: 'PostgreSQL alone has the row since a flip by force',
}

/** What has been put down: rows in quarantine, and who did what. */
export function createRecords(engine: Engine): Pick<Lockstep, 'quarantine' | 'audit' | 'audited'> {
  const { file, server } = engine
  const note = async (action: string, detail: Record<string, unknown>): Promise<void> => {
    if (engine.outdated) engine.reload()
    if (engine.installed) await record(engine, action, detail)
  }
  return {
    async quarantine({ limit = defaultLimit } = {}) {
      engine.requireInstalled()
      const { primary } = engine.control()
      const onSqlite = readSqliteQuarantine(file.reader, limit)
      const asked = readPostgresQuarantine(server.control, limit)
      const onPostgres = await (primary === 'sqlite' ? asked : unlessAway(asked, []))
      const [rows, left] = primary === 'sqlite' ? [onPostgres, onSqlite] : [onSqlite, onPostgres]
      const said = left.map((row) => ({ ...row, reason: `${row.reason}; ${leftBehind[primary]}` }))
      return [...rows, ...said].slice(0, limit)
    },
    async audit({ limit = defaultLimit, before } = {}) {
      engine.requireInstalled()
      return readAudit(file.reader, before === undefined ? { limit } : { limit, before })
    },
    async audited(request, work) {
      await note('requested', { ...request })
      try {
        return await work()
      } catch (error) {
        const code = isLockstepError(error) ? error.code : 'UNEXPECTED'
        // What has failed is told, whatever becomes of the entry: the first one is there.
        await note('refused', { ...request, code }).catch(() => undefined)
        throw error
      }
    },
  }
}
