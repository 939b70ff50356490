import { decision, warning } from '../schema/findings.ts'
import { upgradeMisfit } from '../schema/map.ts'
import type { MappedTable } from '../schema/mapped.ts'
import type { Column, Finding } from '../schema/model.ts'
import { nulInText } from '../values/codec.ts'
import { isUpgraded } from '../values/postgres-type.ts'
import type { Sample } from './sample.ts'
import type { TableSurvey } from './survey-table.ts'
import type { ColumnTally } from './tally.ts'
import { invalidUtf8 } from './trial.ts'

/** What of the rows PostgreSQL does not take, or takes otherwise than it may seem, each with the keys of its rows. */
export function violationsOf(survey: TableSurvey, table: MappedTable): Finding[] {
  const ofColumns = table.columns.flatMap((column, index) => {
    const tally = survey.columns[index]
    return tally === undefined ? [] : columnViolations(table, column, tally)
  })
  return [...ofColumns, ...orphans(survey), ...duplicates(survey)]
}

function columnViolations(table: MappedTable, column: Column, tally: ColumnTally): Finding[] {
  const at = (sample: Sample): Parameters<typeof decision>[1] => ({
    table: table.name,
    column: column.name,
    rows: sample.rows,
    keys: sample.keys,
  })
  const type = column.postgresType
  const trial = tally.candidates.possible.find((each) => each.type === type)
  const found = [...(trial?.refused ?? [])].map(([reason, sample]) =>
    decision(
      codeOf(reason, column),
      at(sample),
      `${sample.rows} rows do not fit ${type} (${reason}); they would go to quarantine: ${listed(sample)}`,
    ),
  )
  const { nullKeys, wideIntegers, longInIndex } = tally
  if (nullKeys.rows > 0) {
    const message = `${nullKeys.rows} rows have NULL in the primary key; they cannot travel: ${listed(nullKeys)}`
    found.push(decision('NULL_IN_KEY', at(nullKeys), message))
  }
  if (wideIntegers.rows > 0) {
    const message = `${wideIntegers.rows} integers are beyond 2^53: JavaScript rounds them unless sqlite.safeIntegers is set: ${listed(wideIntegers)}`
    found.push(warning('INTEGER_BEYOND_2_53', at(wideIntegers), message))
  }
  if (longInIndex.rows > 0) {
    const message = `${longInIndex.rows} values of an indexed column may be too long for PostgreSQL's index, which holds 2,704 bytes after compression: ${listed(longInIndex)}`
    found.push(warning('LONG_IN_INDEX', at(longInIndex), message))
  }
  return found
}

function codeOf(reason: string, { postgresType }: Column): string {
  if (reason === invalidUtf8) return 'INVALID_UTF8'
  if (isUpgraded(postgresType)) return upgradeMisfit
  return reason === nulInText ? 'NUL_IN_TEXT' : 'MIXED_TYPES'
}

function orphans({ table, orphans }: TableSurvey): Finding[] {
  return orphans
    .filter(({ found }) => found.rows > 0)
    .map(({ foreignKey: { columns, parent }, found }) =>
      decision(
        'ORPHANS',
        { table: table.name, column: columns[0] ?? null, rows: found.rows, keys: found.keys },
        `${found.rows} rows refer by (${columns.join(', ')}) to rows of "${parent}" that are not there; a flip is refused while they do: ${listed(found)}`,
      ),
    )
}

function duplicates({ table, duplicates }: TableSurvey): Finding[] {
  return duplicates
    .filter(({ found }) => found.rows > 0)
    .map(({ index, found }) =>
      decision(
        'DUPLICATES',
        { table: table.name, rows: found.rows, keys: found.keys },
        `${found.rows} rows repeat what the unique index "${index.name}" has already; PostgreSQL cannot have the index: ${listed(found)}`,
      ),
    )
}

function listed({ rows, keys }: Sample): string {
  return `${keys.join(', ')}${rows > keys.length ? ', ...' : ''}`
}
