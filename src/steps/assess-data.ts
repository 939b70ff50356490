import type { AssessOptions, AssessReport } from '../api.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import { mapAssessed, readSchemaToAssess, type SchemaToAssess } from '../move/assess-schema.ts'
import { choiceFindings } from '../schema/map.ts'
import type { Finding, Table } from '../schema/model.ts'
import { suggestOverrides, type TypeOverrides } from '../schema/overrides.ts'
import { foldName } from '../schema/quote.ts'
import { planFindings } from '../schema/plan-findings.ts'
import { carryViews } from '../schema/postgres-views.ts'
import type { Connection } from '../sqlite/connection.ts'
import { applicationViews } from '../sqlite/views.ts'
import { columnsConfiguration } from '../survey/configuration.ts'
import { estimateCopy } from '../survey/estimate.ts'
import { readFileFacts } from '../survey/file-facts.ts'
import { schemaObjects } from '../survey/schema-objects.ts'
import { measureSizes } from '../survey/sizes.ts'
import { suggestTypes } from '../survey/suggest.ts'
import { surveyFile } from '../survey/survey-file.ts'
import type { TableSurvey } from '../survey/survey-table.ts'
import { tableReport } from '../survey/table-report.ts'
import { violationsOf } from '../survey/violations.ts'
import { isUpgraded } from '../values/postgres-type.ts'

/** The part of the report that the file alone says. */
export interface AssessedData extends Omit<AssessReport, 'ok' | 'readiness' | 'sql'> {
  /** As `install` would have them. */
  readonly mapped: readonly Table[]
}

export interface DataToAssess {
  /** Only reads; nobody else uses it meanwhile. */
  readonly db: Connection
  readonly columns: TypeOverrides
  /** Of the tables on PostgreSQL. */
  readonly postgresSchema: string
}

/** Reads the schema, and every row of it once. @throws LockstepError CONFIG_INVALID, SCHEMA_UNSUPPORTED */
export async function assessData(
  { db, columns, postgresSchema }: DataToAssess,
  { signal, onProgress = () => undefined }: AssessOptions,
): Promise<AssessedData> {
  const schema = readSchemaToAssess(db, columns)
  const { tables, chosen } = schema
  const surveys = await surveyFile(db, {
    tables,
    chosen,
    signal,
    onRows(table, rows) {
      const done = tables.findIndex(({ name }) => name === table)
      onProgress({ phase: 'rows', done: done + 1, all: tables.length, file: null, table, rows })
    },
  })
  const profiles = surveys.map(({ profile }) => profile)
  const mapped = mapAssessed(schema, profiles)
  const suggestions = await suggestTypes({
    surveys,
    tables: mapped,
    decided: decidedColumns(schema, columns),
    schema: postgresSchema,
    pause: async () => {
      await yieldToEventLoop()
      signal?.throwIfAborted()
    },
  })
  const sizes = await measureSizes(db, tables, signal)
  const fitting = suggestOverrides({ tables: mapped, profiles, findings: [] })
  return {
    mapped,
    file: readFileFacts(db),
    tables: mapped.map((table, position) => {
      const size = typeof sizes === 'string' ? null : (sizes.get(table.name) ?? null)
      return tableReport(surveys[position] as TableSurvey, table, suggestions, size)
    }),
    objects: schemaObjects(db, tables),
    findings: [
      ...findingsOf(schema, mapped, surveys, postgresSchema),
      ...carryViews(applicationViews(db), mapped, postgresSchema).findings,
    ],
    suggestions: [...suggestions.suggested],
    configuration: columnsConfiguration(columns, suggestions.suggested, fitting),
    estimate: estimateCopy(surveys, mapped),
  }
}

/** Those of the configuration, and those that an earlier install has given a type of PostgreSQL's own. */
function decidedColumns({ chosen }: SchemaToAssess, columns: TypeOverrides): ReadonlySet<string> {
  const upgraded = [...chosen].filter(([, type]) => isUpgraded(type)).map(([path]) => path)
  return new Set([...Object.keys(columns).map(foldName), ...upgraded])
}

function findingsOf(
  { findings }: SchemaToAssess,
  mapped: readonly Table[],
  surveys: readonly TableSurvey[],
  postgresSchema: string,
): Finding[] {
  const ofTables = mapped.flatMap((table, position) => {
    const survey = surveys[position] as TableSurvey
    const choices = table.columns.flatMap((column, index) => {
      const tally = survey.columns[index]
      return tally === undefined ? [] : choiceFindings(table, column, tally.profile)
    })
    return [
      ...violationsOf(survey, table),
      ...choices,
      ...planFindings(table, mapped, postgresSchema),
    ]
  })
  return [...findings, ...ofTables]
}
