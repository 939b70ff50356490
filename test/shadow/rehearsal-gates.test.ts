import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Gate, Params } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'
import { settled } from './settled.ts'

const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, note TEXT);
  CREATE TABLE tokens (id INTEGER PRIMARY KEY, chance INTEGER);
  INSERT INTO accounts VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c');`
const setBalance = 'UPDATE accounts SET balance = ? WHERE id = ?'
const setNote = 'UPDATE accounts SET note = ? WHERE id = ?'
const byChance = 'INSERT INTO tokens (chance) VALUES (random())'

let pair: Pair
afterEach(() => pair.close())

async function open(gates: LockstepOptions['gates'] = {}): Promise<void> {
  pair = await openPair({
    schema,
    options: {
      flags: { initial: { shadow: { sample: 0, rehearse: 100 } } },
      // A test is not about how fast a busy machine is.
      shadow: { rehearseMaxMs: 10_000 },
      gates,
    },
  })
  await settled(pair.db)
}

async function gate(name: string): Promise<Pick<Gate, 'ok' | 'value'> | undefined> {
  const { gates } = await pair.db.ready()
  const found = gates.find((one) => one.name === name)
  return found && { ok: found.ok, value: found.value }
}

const counters = async () => (await pair.db.status()).counters.rehearsals

/** Writes until something holds: behind each rehearsal the applier is left alone for a while. */
async function writeUntil(
  sql: string,
  args: Params,
  holds: () => Promise<unknown>,
  expected: unknown = true,
): Promise<void> {
  const once = async (): Promise<void> => {
    await pair.db.run(sql, args)
    await settled(pair.db)
    expect(await holds()).toEqual(expected)
  }
  await vi.waitFor(once, { timeout: 20_000, interval: 100 })
}

/** As an operator makes a trigger before the flip: it waits for its turn. */
async function makeTrigger(name: string, body: string): Promise<void> {
  await pair.pg.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$;
    CREATE TRIGGER ${name} BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION ${name}();
    ALTER TABLE accounts DISABLE TRIGGER ${name};
    INSERT INTO lockstep.disabled_triggers VALUES ('accounts', '${name}')`)
}

async function dropTrigger(name: string): Promise<void> {
  await pair.pg.query(`DROP TRIGGER ${name} ON accounts;
    DELETE FROM lockstep.disabled_triggers WHERE name = '${name}'`)
}

const isOpen = { ok: false, value: 1 }
const isMended = { ok: true, value: 0 }
const writes = () => gate('writes')

/** PostgreSQL alone refuses a balance of 100 and more, and a write meets that. */
async function meetRefusal(): Promise<void> {
  await makeTrigger(
    'small',
    "IF NEW.balance >= 100 THEN RAISE EXCEPTION 'too much' USING ERRCODE = '23514'; END IF;",
  )
  await writeUntil(setBalance, [500, 1], writes, isOpen)
}

describe('writes that go another way when they are rehearsed', () => {
  test('hold up a flip, show in the status and as a metric, until the same is rehearsed and equal', async () => {
    await open()
    await meetRefusal()
    await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    expect((await pair.db.status()).divergentWrites).toBe(1)
    const metrics = await pair.db.metrics()
    expect(metrics).toMatch(/lockstep_divergences_open\{lockstep_operation="write"\} 1\b/)
    expect(metrics).toMatch(/lockstep_rehearsals_total\{lockstep_outcome="divergent"\} [1-9]/)
    await dropTrigger('small')
    const { equal } = await counters()
    await writeUntil(setBalance, [50, 3], async () => (await counters()).equal > equal)
    // With other arguments, of another row, it proves nothing.
    expect(await writes()).toEqual(isOpen)
    await writeUntil(setBalance, [500, 1], writes, isMended)
  })

  test('are mended by rows that the statement leaves equal, whatever its arguments are then', async () => {
    await open()
    await makeTrigger('louder', "NEW.note = NEW.note || '!';")
    await writeUntil(setNote, ['one', 1], writes, isOpen)
    await dropTrigger('louder')
    await writeUntil(setNote, ['two', 1], writes, isMended)
    expect(await pair.db.divergences()).toMatchObject([{ state: 'resolved', rehearsed: true }])
  })

  test('are mended by the word of an operator, and open again where they are found again', async () => {
    await open()
    await meetRefusal()
    const [found] = await pair.db.divergences({ state: 'open' })
    const id = found?.id ?? ''
    expect(await pair.db.repairDivergence({ id })).toMatchObject({ rows: 0, resolved: true })
    expect(await writes()).toEqual(isMended)
    await writeUntil(setBalance, [700, 3], writes, isOpen)
  })
})

test('the gate rehearsals asks for writes that were rehearsed, where it has a bound', async () => {
  await open({ minRehearsals: 2 })
  const rehearsals = () => gate('rehearsals')
  await pair.db.run(setBalance, [1, 1])
  await pair.db.run(byChance)
  await settled(pair.db)
  expect(await rehearsals()).toEqual({ ok: false, value: 2 })
  await writeUntil(setBalance, [2, 2], rehearsals, isOpen)
  // What chance gives is never said to be equal, and counts all the same.
  await writeUntil(byChance, [], rehearsals, isMended)
})
