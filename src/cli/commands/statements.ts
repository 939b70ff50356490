import { Option, type Command } from 'commander'
import type { StatementPlan, StatementReport, StatementsOptions } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { printable, table } from '../output.ts'

const orders = ['calls', 'slowest', 'recent', 'repeated', 'divergent']
const states = ['unseen', 'translated', 'refused']

export function addStatements(program: Command, cli: Cli): void {
  command(
    program,
    'statements',
    "Lists the application's statements: calls, times on each place, what shadow reads say of them.",
    'lockstep statements --sort slowest --table orders',
  )
    .addOption(new Option('--sort <order>', 'what comes first').choices(orders).default('calls'))
    .option('--table <name>', 'only those that read or write it')
    .addOption(
      new Option('--translation <state>', 'only those that stand so on PostgreSQL').choices(states),
    )
    .option('--repeated', 'only those that loops call: a round trip each on PostgreSQL')
    .option('--limit <count>', 'at most so many', positiveInteger, 20)
    .option('--plan <fingerprint>', "PostgreSQL's plan of one of them, and the index that it lacks")
    .action(({ plan, ...options }: StatementsOptions & { plan?: string }) =>
      cli.withLockstep(
        async (db) => {
          if (plan !== undefined) {
            const document = await db.statementPlan({ fingerprint: plan })
            return { document, text: planText(document) }
          }
          const document = await db.statements(options)
          const isFiltered =
            (options.table ?? options.translation ?? options.repeated) !== undefined
          const none = isFiltered ? 'no statement is like that' : 'no statements have been seen'
          return { document, text: document.length === 0 ? none : textOf(document) }
        },
        { applier: false },
      ),
    )
}

function planText({ statement, lines, scans }: StatementPlan): string {
  const found = scans.flatMap(({ table, rows, index, reason }) => [
    `all of the ${Math.round(rows)} rows of ${table} are read: ${reason}`,
    ...(index === null ? [] : [`  ${index}`]),
  ])
  return printable(
    [statement, '', ...lines, ...(found.length > 0 ? [''] : []), ...found].join('\n'),
  )
}

function textOf(statements: readonly StatementReport[]): string {
  const head = ['fingerprint', 'calls', 'rows', 'sqlite p50/p95/p99 ms', 'postgres', 'on postgres']
  const rows = statements.map(
    ({ fingerprint, calls, rows, latencyMs, translation, comparisons }) => [
      fingerprint,
      calls,
      rows === null ? '' : rows.toFixed(1),
      timesOf(latencyMs.sqlite),
      timesOf(latencyMs.postgres),
      `${translation}, ${comparisons.equal} equal, ${comparisons.divergent} divergent`,
    ],
  )
  const [headLine = '', ...lines] = table(head, rows).split('\n')
  const entries = statements.map((one, at) => [
    lines[at] ?? '',
    `  ${one.statement}`,
    ...notesOf(one),
  ])
  return printable([headLine, ...entries.flat()].join('\n'))
}

function timesOf(latency: StatementReport['latencyMs']['sqlite']): string {
  if (latency === null) return '-'
  return [latency.p50, latency.p95, latency.p99].map((ms) => ms.toPrecision(2)).join('/')
}

function notesOf({ reason, rehearsals, repeated }: StatementReport): string[] {
  const rehearsed = Object.entries(rehearsals).filter(([, count]) => count > 0)
  const refusal = [
    ...(reason === null ? [] : [`  ${reason}`]),
    ...(rehearsed.length === 0
      ? []
      : [`  rehearsed: ${rehearsed.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`]),
  ]
  if (repeated === null) return refusal
  const added =
    repeated.addedMs === null
      ? ''
      : `, which PostgreSQL makes ${repeated.addedMs.toPrecision(2)} ms longer`
  const average = Math.round(repeated.average)
  return [
    ...refusal,
    `  a loop of statements: ${average} calls in a session, at most ${repeated.most}${added}`,
  ]
}
