import type { Command } from 'commander'
import type { SchemaReport, SchemaSyncReport } from '../../api.ts'
import type { Cli, Outcome } from '../cli.ts'
import { command } from '../command.ts'
import { findingLines, UsageError } from '../output.ts'

export function addSchema(program: Command, cli: Cli): void {
  command(
    program,
    'schema',
    'Shows the PostgreSQL tables as DDL; with --apply, creates them. With `sync`: what brings them to the model after a change past Lockstep; exits with 3 where something is to be done.',
    'lockstep schema > schema.sql && lockstep schema --apply',
  )
    .argument('[sync]', 'compare with what PostgreSQL has, and alter that')
    .option('--apply', 'do it', false)
    .action((action: string | undefined, { apply }: { apply: boolean }) => {
      if (action !== undefined && action !== 'sync')
        throw new UsageError(`schema takes nothing but "sync", not "${action}"`)
      return cli.withLockstep(
        async (db) => {
          if (action === 'sync') return synced(cli, await db.syncSchema({ apply }))
          return made(cli, await (apply ? db.applySchema() : db.planSchema()), apply)
        },
        { applier: false },
      )
    })
}

function made(cli: Cli, report: SchemaReport, apply: boolean): Outcome {
  tellFindings(cli, report)
  const done = `${report.statements.length} statements were run`
  return { document: report, text: apply ? done : ddl(report) }
}

function synced(cli: Cli, report: SchemaSyncReport): Outcome {
  tellFindings(cli, report)
  const { applied, sqlite, statements, obstacles, shipped } = report
  const isInStep = statements.length + obstacles.length + sqlite.length === 0
  const comments = [
    ...sqlite.map((table) => `-- ${table}: changed in SQLite since the install`),
    ...obstacles.map(({ table, message }) => `-- in the way: ${table}: ${message}`),
    ...shipped.map((table) => `-- ${table}: every row is shipped again`),
  ]
  const did = [`${statements.length} statements were run`, ...shipped.map(again)]
  const shown = `${comments.map((line) => `${line}\n`).join('')}${ddl(report)}`
  const changed = applied ? did.join('\n') : shown
  return {
    document: report,
    text: isInStep ? '-- PostgreSQL has what the model has' : changed,
    exitCode: applied || isInStep ? 0 : 3,
  }
}

function again(table: string): string {
  return `every row of ${table} is shipped again`
}

function ddl({ statements }: { readonly statements: readonly string[] }): string {
  return statements.map((sql) => `${sql.replace(/;\s*$/, '')};\n`).join('\n')
}

/** On standard output the DDL stands alone, so that it can go into a file. */
function tellFindings(cli: Cli, { findings }: Pick<SchemaReport, 'findings'>): void {
  const lines = findingLines(findings).trimEnd()
  if (lines !== '' && !cli.globals().json) cli.progress(lines)
}
