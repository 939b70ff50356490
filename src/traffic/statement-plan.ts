import type pg from 'pg'
import { tryValues } from '../assess/sample-values.ts'
import { LockstepError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { within } from '../core/wait.ts'
import { checkPlan, type PostgresPlan } from '../postgres/statements.ts'
import type { Plans } from '../route/plans.ts'
import { indexSuggestion } from '../schema/index-suggestion.ts'
import type { Table } from '../schema/model.ts'
import { argumentsOfClasses } from '../shadow/argument-classes.ts'
import { indexColumns } from '../shadow/index-columns.ts'
import type { Registry } from '../shadow/registry.ts'
import { shadowSettings } from './shadow-places.ts'
import { createConnectionState } from '../sql/connection-functions.ts'
import { foldName } from '../sql/quote.ts'
import { withoutLiterals } from '../sql/without-literals.ts'

/** How PostgreSQL would run a statement, whatever its arguments are. */
export interface StatementPlan {
  readonly fingerprint: string
  /** The text, its literals as question marks. */
  readonly statement: string
  /** What EXPLAIN says, the values of its conditions as question marks. */
  readonly lines: readonly string[]
  /** Tables of many rows that it reads from end to end. */
  readonly scans: readonly Scan[]
}

export interface Scan {
  readonly table: string
  /** As PostgreSQL estimates them. */
  readonly rows: number
  /** A statement for SQLite that makes an index for it, to be run through Lockstep; null where none would help. */
  readonly index: string | null
  /** What the suggestion rests on, or why there is none. */
  readonly reason: string
}

/** Reading fewer rows from end to end takes no longer than finding them by an index. */
const manyRows = 10_000
const timeoutMs = 10_000
/** So many forms of a statement, which hang on the classes of its arguments, are looked at. */
const maxForms = 8

/** @throws LockstepError STATEMENT_UNKNOWN, SQL_UNSUPPORTED, POSTGRES_UNREACHABLE */
export async function planStatement(
  engine: Engine,
  { registry, plans }: { registry: Registry; plans: Plans },
  fingerprint: string,
): Promise<StatementPlan> {
  const figures = registry.figures().get(fingerprint)
  if (figures === undefined)
    throw new LockstepError('STATEMENT_UNKNOWN', `No statement ${fingerprint} has been seen`, {
      details: { fingerprint },
    })
  const { sql, argumentClasses = [] } = figures
  const plan = plans.of(sql).postgres()
  const client = await engine.server.connect()
  try {
    return await within(timeoutMs, explain(client, plan))
  } finally {
    await client.end().catch(() => undefined)
  }

  async function explain(client: pg.Client, plan: PostgresPlan): Promise<StatementPlan> {
    await client.query(
      `${shadowSettings(engine.server.schema)}; SET default_transaction_read_only = on;
       SET statement_timeout = ${timeoutMs}; SET plan_cache_mode = force_generic_plan`,
    )
    await checkPlan(client, plan)
    const found = await cheapest(client, formsOf(plan, argumentClasses))
    const rows = await countRows(client, engine.server.schema, found.nodes)
    const scans = found.nodes.flatMap((node) => scanOf(node, rows, sql, engine.tables))
    return { fingerprint, statement: withoutLiterals(sql), lines: found.lines, scans }
  }
}

interface Explained {
  readonly lines: readonly string[]
  readonly nodes: readonly PlanNode[]
  readonly cost: number
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Total Cost': number
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly 'One-Time Filter'?: string
  readonly Plans?: readonly PlanNode[]
}

type Steps = ReturnType<PostgresPlan['bind']>['prepared']['steps']

interface Form {
  readonly text: string
  readonly parameters: number
}

/** What the statement becomes for values of the classes that its calls had; where none tells, of those that it takes. */
function formsOf(plan: PostgresPlan, argumentClasses: readonly string[]): Form[][] {
  const facts = { state: createConnectionState(), sqliteVersion: '' }
  const make = (args: readonly unknown[]): Steps => plan.bind(args, facts).prepared.steps
  const asCalled = argumentClasses.flatMap((classes) => {
    try {
      return [make(argumentsOfClasses(classes))]
    } catch {
      // The value that stands for its class is not one that the statement takes.
      return []
    }
  })
  const { made, error } =
    asCalled.length > 0 ? { made: asCalled, error: null } : tryValues(plan.statement, make)
  if (made.length === 0) throw error
  const forms = made.map((steps) =>
    steps.map(({ text, slots }) => ({ text, parameters: slots.length })),
  )
  const distinct = new Map(forms.map((form) => [form.map(({ text }) => text).join(';'), form]))
  return [...distinct.values()].slice(0, maxForms)
}

/**
 * The form that costs least of those that look at rows: one for values of a class that the column does not hold is
 * answered without looking at any, or casts what an index holds.
 */
async function cheapest(client: pg.Client, forms: readonly Form[][]): Promise<Explained> {
  let best: Explained = { lines: [], nodes: [], cost: Number.POSITIVE_INFINITY }
  for (const form of forms) {
    const explained = await explainForm(client, form)
    const isEmpty = explained.nodes.some((node) => node['One-Time Filter'] === 'false')
    const reads = explained.nodes.some((node) => node['Relation Name'] !== undefined)
    const cost = reads && !isEmpty ? explained.cost : Number.MAX_VALUE
    if (cost < best.cost) best = { ...explained, cost }
  }
  return best
}

async function explainForm(client: pg.Client, form: readonly Form[]): Promise<Explained> {
  const lines: string[] = []
  const nodes: PlanNode[] = []
  let cost = 0
  for (const { text, parameters } of form) {
    await client.query(`PREPARE lockstep_plan AS ${text}`)
    const nulls = Array.from({ length: parameters }, () => 'NULL').join(', ')
    const execute = `EXECUTE lockstep_plan${parameters === 0 ? '' : `(${nulls})`}`
    const said = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${execute}`)
    lines.push(...said.rows.map((row) => withoutValues(row['QUERY PLAN'])))
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${execute}`,
    )
    for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) {
      nodes.push(...nodesOf(Plan))
      cost += Plan['Total Cost']
    }
    await client.query('DEALLOCATE lockstep_plan')
  }
  return { lines, nodes, cost }
}

function withoutValues(line: string): string {
  const isCondition = /^\s*(?:->)?\s*[\w ]*(?:Filter|Cond|Key|Output): /.test(line)
  return isCondition ? line.replaceAll(/'(?:[^']|'')*'|(?<![$\w."])\d[\d.]*\b/g, '?') : line
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

async function countRows(
  client: pg.Client,
  schema: string,
  nodes: readonly PlanNode[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string; rows: number }>(
    `SELECT c.relname AS name, c.reltuples::float8 AS rows FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY ($2)`,
    [schema, nodes.flatMap((node) => node['Relation Name'] ?? [])],
  )
  return new Map(rows.map(({ name, rows }) => [name, rows]))
}

function scanOf(
  node: PlanNode,
  rows: ReadonlyMap<string, number>,
  sql: string,
  tables: readonly Table[],
): Scan[] {
  const name = node['Relation Name']
  const count = name === undefined ? 0 : (rows.get(name) ?? 0)
  if (name === undefined || !node['Node Type'].endsWith('Seq Scan') || count < manyRows) return []
  const table = tables.find((one) => foldName(one.name) === foldName(name))
  const suggestion =
    table === undefined
      ? { index: null, reason: 'it is not one of the mirrored tables' }
      : indexSuggestion(table, indexColumns(sql, table, node.Alias ?? name))
  return [{ table: name, rows: count, ...suggestion }]
}
