import type { AssessReport, ColumnReport, TableReport } from '../../api.ts'

/** How the figures of a report are said, on a terminal and on a page alike. */

export function count(value: number): string {
  return value.toLocaleString('en')
}

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3))
  const scaled = value / 1000 ** power
  const digits = power === 0 || scaled >= 100 ? 0 : 1
  return `${scaled.toLocaleString('en', { maximumFractionDigits: digits })} ${units[power]}`
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

/** `integer 12, null 3`. */
export function classesOf({ classes }: ColumnReport): string {
  return Object.entries(classes)
    .filter(([, rows]) => rows > 0)
    .map(([name, rows]) => `${name} ${count(rows)}`)
    .join(', ')
}

export function rangesOf({ integers, reals, textBytes, blobBytes }: ColumnReport): string {
  const ranges = [
    integers === null ? null : `${integers.min} to ${integers.max}`,
    reals === null ? null : `${reals.min} to ${reals.max} (real)`,
    textBytes === null ? null : `${between(textBytes)} bytes of text`,
    blobBytes === null ? null : `${between(blobBytes)} bytes of blob`,
  ]
  return ranges.filter((range) => range !== null).join(', ')
}

function between({ min, max }: { min: number; max: number }): string {
  return min === max ? count(min) : `${count(min)} to ${count(max)}`
}

/** Where the suggestions belong, which an installation has an end to: its columns have their types. */
export function configurationAdvice({ file }: AssessReport): string {
  return file.installed
    ? 'Lockstep is installed, and a column keeps its type: docs/guides/columns.md says how to change one that is mirrored already.'
    : 'For config/lockstep.yaml, before the first install:'
}

const formatNames: Readonly<Record<keyof ColumnReport['formats'], string>> = {
  empty: 'empty text',
  boolean: '0 or 1',
  date: 'date',
  timestamp: 'timestamp',
  epochSeconds: 'epoch seconds',
  epochMilliseconds: 'epoch milliseconds',
  uuid: 'UUID',
  json: 'JSON',
  decimal: 'decimal text',
}

/** Some numbers are always 0 or 1, and some texts digits: they are told where most values are. */
export function formatsOf({ formats, classes }: ColumnReport): string {
  const values = classes.integer + classes.real + classes.text + classes.blob
  const isTold = (name: string, rows: number): boolean =>
    (name !== 'boolean' && name !== 'decimal') || rows * 2 >= values
  return Object.entries(formats)
    .filter(([name, rows]) => isTold(name, rows))
    .map(([name, rows]) => `${formatNames[name as keyof typeof formatNames]} ${count(rows)}`)
    .join(', ')
}

export function suggestionOf({ suggestion }: ColumnReport): string {
  return suggestion === null ? '' : `${suggestion.type} (${count(suggestion.proven)} proven)`
}

/** Why a type that is close is not suggested, or null. */
export function refusalOf(table: TableReport, column: ColumnReport): string | null {
  const { notSuggested } = column
  if (notSuggested === null) return null
  const { type, fits, misfits, keys, reasons } = notSuggested
  const place = `${table.table}.${column.column}`
  if (misfits === 0) return `${place} could be ${type}, but: ${reasons.join('; ')}`
  const rows = `${count(fits)} ${fits === 1 ? 'value fits' : 'values fit'}, ${count(misfits)} ${misfits === 1 ? 'does' : 'do'} not (${reasons.join('; ')})`
  return `${place} could be ${type}, but: ${rows}: ${keys.join(', ')}${misfits > keys.length ? ', ...' : ''}`
}

export function tableLine({ rows, bytes: size, indexBytes, bytesFrom, key }: TableReport): string {
  const from = bytesFrom === 'dbstat' ? 'counted by dbstat' : 'estimated'
  return `${count(rows)} rows, ${bytes(size)} and ${bytes(indexBytes)} of indexes (${from}), key ${key.join(', ')}`
}

export function fileLine({ file }: AssessReport): string {
  const log = file.walBytes === 0 ? '' : ` and ${bytes(file.walBytes)} of log`
  return `${file.path}: ${bytes(file.bytes)}${log}, SQLite ${file.sqliteVersion}`
}

export function pragmasOf({ file }: AssessReport): [name: string, value: string][] {
  return [
    ['journal_mode', file.journalMode],
    ['encoding', file.encoding],
    ['page_size', String(file.pageSize)],
    ['page_count', `${count(file.pages)} (${count(file.freePages)} free)`],
    ['auto_vacuum', file.autoVacuum],
    ['user_version', String(file.userVersion)],
    ['application_id', String(file.applicationId)],
    ['foreign_keys', `${file.foreignKeys ? 'on' : 'off'} (of this connection)`],
    ['recursive_triggers', `${file.recursiveTriggers ? 'on' : 'off'} (of this connection)`],
  ]
}

export function objectsOf({ objects }: AssessReport): [name: string, list: string][] {
  const { views, triggers, virtualTables, collations } = objects
  const lists: [string, readonly string[]][] = [
    ['views', views],
    ['triggers', triggers.map(({ name, table }) => `${name} on ${table}`)],
    ['virtual tables', virtualTables],
    ['collations', collations],
  ]
  return lists
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => [name, `${list.length}: ${list.join(', ')}`])
}

export function estimateLine({ estimate }: AssessReport): string {
  const { rows, seconds, tableBytes, indexBytes } = estimate
  return `about ${duration(seconds)} for ${count(rows)} rows; about ${bytes(tableBytes)} of tables and ${bytes(indexBytes)} of indexes on PostgreSQL`
}

export function checkMark(ok: boolean | null): string {
  if (ok === null) return '?'
  return ok ? 'yes' : 'NO'
}
