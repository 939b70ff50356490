import type { Finding } from './model.ts'

/** Where a finding points: a table, a column of it, or neither. */
export interface Place {
  readonly table?: string
  readonly column?: string | null
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

function finding(level: Finding['level'], code: string, place: Place, message: string): Finding {
  return { level, code, table: place.table ?? null, column: place.column ?? null, message }
}
