import type { Finding } from './model.ts'

/** Where a finding points: a table, a column of it, rows of it, or none of them. */
export interface Place {
  readonly table?: string
  readonly column?: string | null
  readonly rows?: number
  readonly keys?: readonly string[]
}

export function info(code: string, place: Place, message: string): Finding {
  return finding('info', code, place, message)
}

export function warning(code: string, place: Place, message: string): Finding {
  return finding('warning', code, place, message)
}

/** Something that is not carried over by itself: the operator says what should become of it. */
export function decision(code: string, place: Place, message: string): Finding {
  return finding('decision', code, place, message)
}

/** Statements through Lockstep that read it are translated each by itself, and may do all the same. */
export function viewNotCarried(name: string, reason: string): Finding {
  const message = `other programs find no such view on PostgreSQL: ${reason}`
  return warning('VIEW_NOT_CARRIED', { table: name }, message)
}

/** "1 row has", "2 rows have". */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function finding(level: Finding['level'], code: string, place: Place, message: string): Finding {
  const { table = null, column = null, rows = 0, keys = [] } = place
  return { level, code, table, column, rows, keys, message }
}
