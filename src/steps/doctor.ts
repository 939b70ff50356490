import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { rule, warning, wrong, type Check, type DoctorReport, type Rule } from './doctor-report.ts'
import { serverRules } from './doctor-postgres.ts'
import { messageOf } from '../core/errors.ts'
import { resolveOptions, type LockstepOptions, type ResolvedOptions } from '../options/options.ts'
import { connectionFailure, openPostgres } from '../postgres/connection.ts'
import { examineServer } from '../postgres/examine.ts'
import { mayWrite, openReadOnly, type Connection } from '../sqlite/connection.ts'
import { readFileFacts } from '../survey/file-facts.ts'

/**
 * Looks at both databases and the way to them, before anything is installed or after; changes nothing.
 *
 * @throws LockstepError CONFIG_INVALID. What cannot be opened is a check that is wrong.
 */
export async function doctor(raw: LockstepOptions): Promise<DoctorReport> {
  const options = resolveOptions(raw)
  const checks = [
    ...named('process', processRules()),
    ...named('sqlite', sqliteRules(options)),
    ...named('postgres', await postgresRules(options)),
  ]
  return { ok: checks.every(({ level }) => level !== 'wrong'), checks }
}

function named(place: Check['place'], rules: readonly Rule[]): Check[] {
  return rules.map(([name, level, value, detail]) => ({ place, name, level, value, detail }))
}

function processRules(): Rule[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > 20 || (major === 20 && minor >= 19)
  return [rule('node', process.versions.node, isNew, wrong('Node.js 20.19 or newer is needed'))]
}

function sqliteRules({ sqlite }: ResolvedOptions): Rule[] {
  let db: Connection
  try {
    db = openReadOnly(sqlite, sqlite.busyTimeoutMs)
  } catch (error) {
    return [['file', 'wrong', sqlite.path ?? '', messageOf(error)]]
  }
  try {
    return fileRules(db)
  } finally {
    db.close()
  }
}

function fileRules(db: Connection): Rule[] {
  const facts = readFileFacts(db)
  const folder = dirname(facts.path)
  const writable = mayWrite(facts.path)
  const disk = statfsSync(folder)
  const free = disk.bavail * disk.bsize
  const room = facts.bytes + facts.walBytes
  return [
    ['file', 'ok', facts.path, ''],
    ['version', 'ok', facts.sqliteVersion, ''],
    ['installed', 'ok', facts.installed, ''],
    rule(
      'journal_mode',
      facts.journalMode,
      facts.journalMode === 'wal',
      wrong('run `PRAGMA journal_mode = WAL` on the file once: readers then never wait'),
    ),
    rule(
      'encoding',
      facts.encoding,
      facts.encoding === 'UTF-8',
      warning('text is compared in another order than PostgreSQL has; see docs/limits.md'),
    ),
    rule(
      'rights',
      writable ? 'read and write' : 'read only',
      writable,
      wrong('the file and its folder must be writable for the user that runs Lockstep'),
    ),
    rule(
      'disk',
      `${mib(free)} MiB free`,
      free > room,
      warning(`the file has ${mib(room)} MiB; a backup beside it and a long journal need room`),
    ),
    rule(
      'wal',
      `${mib(facts.walBytes)} MiB`,
      facts.walBytes <= Math.max(facts.bytes, 64 * 2 ** 20),
      warning('a read transaction that stays open keeps the log from being folded in'),
    ),
  ]
}

async function postgresRules({ postgres }: ResolvedOptions): Promise<Rule[]> {
  const server = openPostgres(postgres)
  try {
    return serverRules(await examineServer(server), postgres)
  } catch (error) {
    const { code, message } = connectionFailure(error) ?? {
      code: 'POSTGRES_ERROR',
      message: messageOf(error),
    }
    return [['server', 'wrong', code, message]]
  } finally {
    await server.close()
  }
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
