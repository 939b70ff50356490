import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../support/built.ts'
import { flip, rollback, travel } from '../support/pair.ts'
import { startExample } from './application.ts'
import { bankAt, openingBalance, startLoad } from './bank.ts'

const examples = readdirSync(join(projectRoot, 'examples')).filter(
  (name) => name.endsWith('.js') && name !== 'create-database.js',
)

describe.each(examples)('the example %s', (name) => {
  test('is moved to PostgreSQL and back under load, and no request is lost or fails', async () => {
    await using application = await startExample(name)
    const { operator } = application
    const workers = new Set<string>()
    const bank = bankAt(application.url, (pid) => workers.add(pid))
    await using load = startLoad(bank)
    await travel(operator, 'mirrored')
    const ack = name === 'cluster.js' ? 'both' : 'primary'
    await operator.setFlags({ reads: { postgres: 50 }, shadow: { sample: 10 }, ack })
    await load.reach(20)
    await flip(operator)
    await load.reach(20)
    await rollback(operator)
    await load.reach(20)
    const { opened, errors } = await load.stop()
    expect(errors).toEqual([])

    const accounts = await bank.accounts()
    const names = (list: readonly { owner: string }[]): string[] =>
      list.map(({ owner }) => owner).toSorted()
    expect(names(accounts)).toEqual(names(opened))
    const total = accounts.reduce((sum, { balance }) => sum + balance, 0)
    expect(total).toBe(accounts.length * openingBalance)
    expect((await operator.verify()).differences).toEqual([])
    expect(workers.size).toBe(name === 'cluster.js' ? 3 : 1)
    await application.stop()
  })

  test.each(['sqlite', 'postgres'] as const)('answers the same while %s serves', async (place) => {
    await using application = await startExample(name)
    const bank = bankAt(application.url)
    await bank.open('Ann')
    if (place === 'postgres') {
      await travel(application.operator, 'flipped')
      await application.operator.setFlags({ reads: { postgres: 100 } })
    }
    expect(await bank.open('Bob')).toEqual({ id: 2, owner: 'Bob', balance: 100 })
    await expect(bank.open('Bob')).rejects.toThrow('409: {"error":"SQLITE_CONSTRAINT_UNIQUE"}')
    expect(await bank.transfer(1, 2, 30)).toBe(201)
    expect(await bank.transfer(1, 2, 80)).toBe(409)
    expect(await bank.accounts()).toEqual([
      { id: 1, owner: 'Ann', balance: 70 },
      { id: 2, owner: 'Bob', balance: 130 },
    ])
    await expect(bank.account(99)).rejects.toThrow('404')
    await application.stop()
  })
})
