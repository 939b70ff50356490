/** One look of the doctor. */
export interface Check {
  readonly place: 'process' | 'sqlite' | 'postgres'
  readonly name: string
  /** `wrong` stands in the way of a move; `warning` may, some day. */
  readonly level: 'ok' | 'warning' | 'wrong'
  readonly value: string | number | boolean
  /** What it should be and what to do, where it is not `ok`; else what it is for, or nothing. */
  readonly detail: string
}

export interface DoctorReport {
  /** Nothing is `wrong`. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

export type Rule = readonly [
  name: string,
  level: Check['level'],
  value: Check['value'],
  detail: string,
]

/** A rule that is `ok` where it holds, and else has a detail that says what to do. */
export function rule(
  name: string,
  value: Check['value'],
  holds: boolean,
  otherwise: Failing,
): Rule {
  return holds ? [name, 'ok', value, ''] : [name, otherwise.level, value, otherwise.detail]
}

/** What a rule says where it does not hold. */
export interface Failing {
  readonly level: 'warning' | 'wrong'
  readonly detail: string
}

export const wrong = (detail: string): Failing => ({ level: 'wrong', detail })
export const warning = (detail: string): Failing => ({ level: 'warning', detail })
