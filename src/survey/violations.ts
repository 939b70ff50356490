import { counted, decision, warning } from '../schema/findings.ts'
import type { MappedTable } from '../schema/mapped.ts'
import type { Column, Finding } from '../schema/model.ts'
import { listed, misfitFinding, nullKeyFinding, placeOf } from '../schema/row-findings.ts'
import type { Sample } from '../schema/sample.ts'
import type { TableSurvey } from './survey-table.ts'
import type { ColumnTally } from './tally.ts'

/** What of the rows PostgreSQL does not take, or takes otherwise than it may seem, each with the keys of its rows. */
export function violationsOf(survey: TableSurvey, table: MappedTable): Finding[] {
  const ofColumns = table.columns.flatMap((column, index) => {
    const tally = survey.columns[index]
    return tally === undefined ? [] : columnViolations(table, column, tally)
  })
  return [...ofColumns, ...orphans(survey), ...duplicates(survey)]
}

function columnViolations(table: MappedTable, column: Column, tally: ColumnTally): Finding[] {
  const at = (sample: Sample): ReturnType<typeof placeOf> => placeOf(table, column, sample)
  const type = column.postgresType
  const trial = tally.candidates.possible.find((each) => each.type === type)
  const found = [...(trial?.refused ?? [])].map(([reason, sample]) =>
    misfitFinding(table, column, reason, sample),
  )
  const { nullKeys, wideIntegers, longInIndex } = tally
  if (nullKeys.rows > 0) found.push(nullKeyFinding(table, column, nullKeys))
  if (wideIntegers.rows > 0) {
    const message = `${counted(wideIntegers.rows, 'integer is', 'integers are')} beyond 2^53: JavaScript rounds ${wideIntegers.rows === 1 ? 'it' : 'them'} unless sqlite.safeIntegers is set: ${listed(wideIntegers)}`
    found.push(warning('INTEGER_BEYOND_2_53', at(wideIntegers), message))
  }
  if (longInIndex.rows > 0) {
    const message = `${counted(longInIndex.rows, 'value', 'values')} of an indexed column may be too long for PostgreSQL's index, which holds 2,704 bytes after compression, and would go to quarantine then: ${listed(longInIndex)}`
    found.push(warning('LONG_IN_INDEX', at(longInIndex), message))
  }
  return found
}

function orphans({ table, orphans }: TableSurvey): Finding[] {
  return orphans
    .filter(({ found }) => found.rows > 0)
    .map(({ foreignKey: { columns, parent }, found }) =>
      decision(
        'ORPHANS',
        { ...placeOf(table, null, found), column: columns[0] ?? null },
        `${counted(found.rows, 'row refers', 'rows refer')} by (${columns.join(', ')}) to rows of "${parent}" that are not there; a flip is refused meanwhile: ${listed(found)}`,
      ),
    )
}

function duplicates({ table, duplicates }: TableSurvey): Finding[] {
  return duplicates
    .filter(({ found }) => found.rows > 0)
    .map(({ index, found }) =>
      decision(
        'DUPLICATES',
        placeOf(table, null, found),
        `${counted(found.rows, 'row repeats', 'rows repeat')} what the unique index "${index.name}" has already; PostgreSQL cannot have the index: ${listed(found)}`,
      ),
    )
}
