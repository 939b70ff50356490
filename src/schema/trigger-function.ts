import type { TranslatedTrigger } from '../sql/ddl/trigger.ts'
import type { Raise, TriggerAction, TriggerRun } from '../sql/ddl/trigger-body.ts'
import { quoteLiteral } from './quote.ts'

/** SQLSTATEs; see postgres/errors.ts. The message of the application's own RAISE is all that it says. */
const states = { abort: 'LS010', fail: 'LS010', rollback: 'LS011', unsupported: 'LS005' } as const

export interface CountingTrigger extends TranslatedTrigger {
  /** See row-by-row.ts. */
  readonly needsOneRow: boolean
  /** The actions of foreign keys may fire it. */
  readonly actedOn: boolean
  /** In plpgsql, what is to be over before it. */
  readonly before: readonly string[]
  /** Null where it is the same to it whether it runs below the action of a foreign key. */
  readonly below: BelowAction | null
}

export interface BelowAction {
  /** What the setting `lockstep.below` says while it runs, where that holds of its row. */
  readonly becomes: 'action' | ''
  /** In plpgsql; null where the setting stays as it was. */
  readonly acted: string | null
  /** Its commands without their conflict clauses; null where they have none. */
  readonly actions: readonly TriggerAction[] | null
}

/**
 * The body of a trigger's function in plpgsql. SQLite does not fire a trigger that is under way already, however it
 * would come to it, as long as `recursive_triggers` is off: the setting `active` has those that are. What an error
 * leaves in a setting is rolled back.
 *
 * Two more settings tell what the statement has done before this row, by the time at which the statement began:
 * `lockstep.wrote` that some trigger has written, and one of this trigger that it has seen a row.
 */
export function triggerFunctionBody(trigger: CountingTrigger, hash: string): string {
  const { event, when, actions } = trigger
  const row = event === 'DELETE' ? 'OLD' : 'NEW'
  const seen = quoteLiteral(`lockstep.row_${hash}`)
  const lines = [
    `DECLARE active text := ${setting("'lockstep.active'")}; holds boolean := true; raise_number text;`,
    `began text := pg_catalog.statement_timestamp()::pg_catalog.text; before text := '';`,
    'BEGIN',
    ...trigger.before,
    `IF position('${hash}' IN active) > 0 THEN RETURN ${row}; END IF;`,
    `PERFORM set_config('lockstep.active', active || ' ${hash}', true);`,
  ]
  if (trigger.below !== null) {
    lines[0] += ` below text := ${setting("'lockstep.below'")};`
    const { acted, becomes } = trigger.below
    if (acted !== null)
      lines.push(
        `IF ${acted} THEN PERFORM set_config('lockstep.below', '${becomes}', true); END IF;`,
      )
  }
  if (when !== null) lines.push(`${execute(when, ' INTO holds')};`)
  if (trigger.needsOneRow || fails(actions)) lines.push(...countRow(trigger, seen))
  lines.push('IF holds THEN')
  lines.push(...allActions(trigger), 'END IF;', `${leave(trigger)} RETURN ${row};`, 'END')
  return `\n${lines.join('\n')}\n`
}

function fails(actions: readonly TriggerAction[]): boolean {
  return actions.some((each) => each.kind === 'raise' && each.raises.some(isFail))
}

function isFail({ kind }: Raise): boolean {
  return kind === 'fail'
}

/**
 * SQLite runs a trigger after each row, PostgreSQL when all rows are there. Where that makes a difference a statement
 * of several rows is refused, if the trigger does something for any of them: the second row is the first to know.
 */
function countRow({ needsOneRow, whenReads, name }: CountingTrigger, seen: string): string[] {
  const runs = whenReads ? 'true' : 'holds'
  const message = `A statement of several rows, between which SQLite runs the trigger "${name}". Write the rows one by one`
  const lines = [`before := ${setting(seen)};`]
  if (needsOneRow)
    lines.push(
      `IF before = began || ' ran' OR (${runs} AND before = began || ' idle') THEN ${raise('unsupported', message)} END IF;`,
    )
  lines.push(
    `PERFORM set_config(${seen}, began || CASE WHEN ${runs} THEN ' ran' ELSE ' idle' END, true);`,
  )
  return lines
}

/** SQLite lets nothing of a conflict pass below the action of a foreign key, whatever the trigger says. */
function allActions(trigger: CountingTrigger): string[] {
  const lines = (actions: readonly TriggerAction[]): string[] =>
    actions.flatMap((action) => actionLines(action, trigger))
  const strict = trigger.below?.actions ?? null
  if (strict === null) return lines(trigger.actions)
  return [
    `IF ${setting("'lockstep.below'")} = 'action' THEN`,
    ...lines(strict),
    'ELSE',
    ...lines(trigger.actions),
    'END IF;',
  ]
}

/** Settings as they were before. */
function leave({ below }: CountingTrigger): string {
  const above = below === null ? '' : ` PERFORM set_config('lockstep.below', below, true);`
  return `PERFORM set_config('lockstep.active', active, true);${above}`
}

function actionLines(action: TriggerAction, trigger: CountingTrigger): string[] {
  if (action.kind === 'run')
    return [
      `PERFORM set_config('lockstep.wrote', began, true);`,
      ...action.steps.map((step) => `${execute(step, '')};`),
    ]
  const raises = action.raises.map(
    (each, number) => `IF raise_number = '${number}' THEN ${raiseLines(each, trigger)} END IF;`,
  )
  return [`FOR raise_number IN ${execute(action.query, '')} LOOP`, ...raises, 'END LOOP;']
}

/** FAIL leaves what the statement has done before, which is the same as ABORT where that is nothing. */
function raiseLines({ kind, message }: Raise, trigger: CountingTrigger): string {
  if (kind === 'ignore') {
    const held = trigger.actedOn ? `${keptByAction} ` : ''
    return `${held}${leave(trigger)} RETURN NULL;`
  }
  const error = raise(kind, message ?? '')
  if (kind !== 'fail') return error
  const isBehind = `starts_with(before, began) OR pg_trigger_depth() > 1 OR ${setting("'lockstep.wrote'")} = began`
  const refused = raise(
    'unsupported',
    'RAISE(FAIL) behind rows that the statement has changed already, which SQLite keeps. Use RAISE(ABORT)',
  )
  return `IF ${isBehind} THEN ${refused} END IF; ${error}`
}

/** PostgreSQL would keep the row and not miss its parent, where SQLite says that the foreign key fails. */
const keptByAction = `IF pg_trigger_depth() > 1 THEN ${raise(
  'unsupported',
  'RAISE(IGNORE) of a row that a foreign key changes, which would be left without its parent. Use RAISE(ABORT)',
)} END IF;`

function raise(kind: keyof typeof states, message: string): string {
  return `RAISE EXCEPTION USING ERRCODE = '${states[kind]}', MESSAGE = ${quoteLiteral(message)};`
}

/** @param name quoted */
function setting(name: string): string {
  return `coalesce(current_setting(${name}, true), '')`
}

function execute({ text, using }: TriggerRun, into: string): string {
  const values = using.length === 0 ? '' : ` USING ${using.join(', ')}`
  return `EXECUTE ${quoteLiteral(text)}${into}${values}`
}
