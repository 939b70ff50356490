import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { LockstepError, messageOf } from '../core/errors.ts'
import { isRecord } from '../core/record.ts'
import { readSettings, type Settings } from '../core/settings.ts'

/** A statement's form for PostgreSQL, written by hand. */
export interface OverrideSettings {
  /** The statement as the application sends it; white space, comments and the case of keywords do not count. */
  readonly sqlite?: string
  /** The statement's fingerprint, as `lockstep assess --sql` prints it, instead of its text. */
  readonly fingerprint?: string
  /** With `$1` for SQLite's first parameter, or `:name`, each with a cast: `$1::bigint`. */
  readonly postgres: string
  /** Why; for those who come after. */
  readonly reason?: string
}

/** A list, or a YAML file that holds one under `overrides`. */
export type OverridesOption = { readonly file: string } | readonly OverrideSettings[]

export type ResolvedOverrides =
  | { readonly kind: 'list'; readonly list: readonly OverrideSettings[] }
  | { readonly kind: 'file'; readonly file: string }

export function overridesFrom(settings: Settings, cwd: string): ResolvedOverrides {
  const given = settings.value('overrides') ?? []
  if (Array.isArray(given)) return { kind: 'list', list: overrideList(given) }
  if (!isRecord(given)) throw settings.refuse('overrides', 'must be a list, or name a file')
  const group = settings.group('overrides')
  const file = group.text('file')
  group.done()
  if (file === undefined) throw group.refuse('file', 'must be given where overrides is no list')
  return { kind: 'file', file: resolve(cwd, file) }
}

/** Reads the file where there is one. @throws LockstepError CONFIG_INVALID */
export function readOverrides(overrides: ResolvedOverrides): readonly OverrideSettings[] {
  if (overrides.kind === 'list') return overrides.list
  const { file } = overrides
  try {
    const document = parseDocument(readFileSync(file, 'utf8'))
    const [problem] = document.errors
    if (problem !== undefined) throw problem
    const settings = readSettings(document.toJS({ maxAliasCount: 100 }) ?? {})
    const list = settings.value('overrides') ?? []
    settings.done()
    if (!Array.isArray(list)) throw settings.refuse('overrides', 'must be a list')
    return overrideList(list)
  } catch (error) {
    throw new LockstepError('CONFIG_INVALID', `${file}: ${messageOf(error)}`, {
      details: { ...(error instanceof LockstepError ? error.details : {}), file },
      cause: error,
    })
  }
}

function overrideList(list: readonly unknown[]): readonly OverrideSettings[] {
  return Object.freeze(list.map((raw, index) => overrideFrom(raw, `overrides[${index}]`)))
}

function overrideFrom(raw: unknown, path: string): OverrideSettings {
  const settings = readSettings(raw, path)
  const sqlite = settings.text('sqlite')
  const fingerprint = settings.text('fingerprint')
  const postgres = settings.text('postgres')
  const reason = settings.text('reason')
  settings.done()
  if ((sqlite === undefined) === (fingerprint === undefined)) {
    throw settings.refuse('sqlite', 'or fingerprint must be given, and not both')
  }
  if (fingerprint !== undefined && !/^[\da-f]{16}$/.test(fingerprint)) {
    throw settings.refuse(
      'fingerprint',
      'must be 16 hexadecimal digits; in YAML put quotes around them',
    )
  }
  if (postgres === undefined) throw settings.refuse('postgres', 'must be given')
  return Object.freeze({
    ...(sqlite === undefined ? {} : { sqlite }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    postgres,
    ...(reason === undefined ? {} : { reason }),
  })
}
