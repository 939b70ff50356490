import Database from 'better-sqlite3'
import { Client } from 'pg'
import { schemaReader } from '#built/move/install.js'
import { catalogOf } from '#built/schema/catalog.js'
import { mapSchema } from '#built/schema/map.js'
import { numberTables } from '#built/schema/mapped.js'
import { readSchema } from '#built/schema/read.js'
import { encodeSlot } from '#built/sql/encode-slot.js'
import { classOf } from '#built/sql/parameter-class.js'
import { createTranslator } from '#built/sql/translate/translator.js'
import { sqliteFacts } from '#built/sqlite/facts.js'
import { seedTraced, tracedTables } from './traced-tables.js'

/** @typedef {import('./traced-statements.js').TracedStatement} TracedStatement */

/**
 * The tables of the traces as Lockstep leaves them after a flip, without capture and fence, which are not what is
 * compared here: both forms run on the same tables.
 * @param {import('./workspace.js').Workspace} workspace
 * @param {number} rows of the largest table
 */
export async function openTraced(workspace, rows) {
  const path = workspace.createFile((db) => {
    db.exec(tracedTables)
    seedTraced(db, rows)
  })
  const url = await workspace.createDatabase()
  const lockstep = await workspace.mirror(path, url)
  await lockstep.flip('postgres', { force: true })
  const sqlite = new Database(path)
  workspace.defer(() => sqlite.close())
  const client = new Client({ connectionString: url })
  await client.connect()
  workspace.defer(() => client.end())
  const schema = readSchema(schemaReader(sqlite))
  const { tables } = numberTables(mapSchema(schemaReader(sqlite), schema).tables)
  for (const { name, key } of tables) {
    await client.query(`ALTER TABLE "${name}" DISABLE TRIGGER USER`)
    if (key.kind === 'integer')
      await client.query(`ALTER TABLE "${name}" ENABLE TRIGGER lockstep_key`)
    await client.query(`VACUUM ANALYZE "${name}"`)
  }
  const translator = createTranslator(catalogOf({ version: 1, tables, foreignKeys: true }))
  return { client, translator, toText: sqliteFacts(sqlite).toText }
}

/**
 * The least time that the server takes for planning and running each form, in turns. A machine that is busy makes
 * some rounds longer and none shorter, so that the least says what the form itself costs.
 * @param {Awaited<ReturnType<typeof openTraced>>} traced
 * @param {TracedStatement} statement
 * @param {{ rounds: number, budgetMs: number }} bound as many rounds as fit, 15 at least
 * @returns {Promise<number>} the translated form's time by that of the form by hand
 */
export async function leastRatio({ client, translator, toText }, statement, { rounds, budgetMs }) {
  const [sql, byHand, ...params] = statement
  const { steps } = translator.translate(sql, params.map(classOf))
  const sent = steps.map(({ text, slots }) => ({
    text,
    values: slots.map((slot) => encodeSlot(slot, params[slot.parameter - 1], toText)),
  }))
  await client.query('DEALLOCATE ALL')
  const translated = await prepared(client, 'translated', sent)
  const written = await prepared(client, 'by_hand', [{ text: byHand, values: params }])
  let [least, leastByHand] = [Infinity, Infinity]
  const begun = performance.now()
  for (let round = 0; round < rounds; round++) {
    least = Math.min(least, await serverMs(client, translated))
    leastByHand = Math.min(leastByHand, await serverMs(client, written))
    if (round >= 14 && performance.now() - begun > budgetMs) break
  }
  return least / leastByHand
}

/**
 * @param {Client} client @param {string} name
 * @param {readonly { text: string, values: readonly (string | number | bigint | Buffer | null)[] }[]} steps
 */
async function prepared(client, name, steps) {
  const calls = []
  for (const [index, { text, values }] of steps.entries()) {
    await client.query(`PREPARE ${name}_${index} AS ${text}`)
    const list = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`
    calls.push(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE ${name}_${index}${list}`)
  }
  return calls
}

/**
 * What the statements leave behind is rolled back.
 * @param {Client} client @param {readonly string[]} explained
 */
async function serverMs(client, explained) {
  let ms = 0
  await client.query('BEGIN')
  for (const text of explained) {
    const { rows } = await client.query(text)
    const [plan] = rows[0]['QUERY PLAN']
    ms += plan['Planning Time'] + plan['Execution Time']
  }
  await client.query('ROLLBACK')
  return ms
}

/** @param {string | number | bigint | Buffer | null} value as `EXECUTE` takes it, of whatever type the parameter is */
function literal(value) {
  if (value === null) return 'NULL'
  const text = Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value)
  return `'${text.replaceAll("'", "''")}'`
}
