import { upgradeObstacle } from '../schema/upgrade-rules.ts'
import type { SourceColumn, SourceTable } from '../schema/source.ts'
import { decimalOf, faithfulTypes, isUpgraded, parsePostgresType } from '../values/postgres-type.ts'
import type { FaithfulType, PostgresType, UpgradedType } from '../values/value.ts'
import { evidenceFor } from './plausible.ts'
import { formatFor, Trial } from './trial.ts'

/** What a column is tried with. */
export interface Candidates {
  /** Those among which the data chooses, and one that was chosen already. */
  readonly possible: readonly Trial[]
  /** Those that may be suggested, the best first. */
  readonly upgrades: readonly Upgrade[]
}

export interface Upgrade {
  readonly type: UpgradedType
  readonly trial: Trial
  /** Why the type is meant, and does not fit by chance. */
  readonly evidence: string
}

/** @param chosen the type that a configuration or an earlier install has given the column */
export function candidatesFor(
  column: SourceColumn,
  table: SourceTable,
  chosen: PostgresType | undefined,
): Candidates {
  const { affinity, declaredType } = column
  const possible = chosen === undefined ? possibleTypes(column) : [chosen]
  const isKeyOfRowid = table.key.kind === 'integer' && table.key.columns.includes(column.name)
  const isDecided = isKeyOfRowid || (chosen !== undefined && isUpgraded(chosen))
  const upgrades = isDecided
    ? []
    : upgradesFor(column)
        .filter((type) => upgradeObstacle(column, table, type) === null)
        .flatMap((type) => {
          const evidence = evidenceFor(type, column, table)
          return evidence === null ? [] : [{ type, evidence }]
        })
  return {
    possible: possible.map((type) => new Trial(type, affinity)),
    upgrades: upgrades.map(({ type, evidence }) => {
      const anyJson = /JSON/i.test(declaredType) && type.startsWith('json')
      const format = anyJson ? null : formatFor(type)
      return { type, evidence, trial: new Trial(type, affinity, { format, mayEnd: true }) }
    }),
  }
}

/**
 * What `chooseType` can come to. Where an INTEGER affinity becomes anything but bigint every value fits, so that
 * bigint alone is worth a trial.
 */
function possibleTypes({ affinity, declaredType }: SourceColumn): readonly FaithfulType[] {
  switch (affinity) {
    case 'integer':
      return ['bigint']
    case 'real':
      return ['double precision']
    case 'text':
      return ['text']
    case 'numeric':
      return /BOOL/i.test(declaredType) ? ['bigint'] : faithfulTypes
    case 'blob':
      return /BLOB/i.test(declaredType) ? ['bytea'] : faithfulTypes
    default:
      return affinity satisfies never
  }
}

function upgradesFor({ affinity, declaredType }: SourceColumn): readonly UpgradedType[] {
  if (affinity === 'real') return []
  const integers: UpgradedType[] = ['boolean', 'timestamptz(milliseconds)', 'timestamptz(seconds)']
  const texts: UpgradedType[] = ['date', 'timestamptz', 'timestamptz(iso)', 'uuid', 'jsonb', 'json']
  if (affinity === 'integer') return integers
  if (affinity === 'text') return texts
  return [...integers, ...texts, ...(affinity === 'numeric' ? decimals(declaredType) : [])]
}

/** As it is declared; where no figures are, cents and then what is finer. */
function decimals(declaredType: string): UpgradedType[] {
  if (!/DEC|NUMERIC|MONEY/i.test(declaredType)) return []
  const [, precision, scale = '0'] = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(declaredType) ?? []
  const names =
    precision === undefined
      ? ['numeric(15,2)', 'numeric(15,4)', 'numeric(15,6)']
      : [`numeric(${Math.min(15, Number(precision))},${scale})`]
  return names.filter((name): name is UpgradedType => {
    const type = parsePostgresType(name)
    return type !== undefined && decimalOf(type) !== undefined
  })
}
