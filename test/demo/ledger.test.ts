import { describe, expect, test } from 'vitest'
import { checkLedger } from '../../src/demo/ledger-check.ts'
import { createLedger, type Cells } from '../../src/demo/ledger.ts'
import type { Value } from '../../src/values/value.ts'

/** A place that answers from a list of rows. */
function placeOf(rows: Cells[]) {
  return async (
    _table: string,
    keyColumns: readonly string[],
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
  ) =>
    await Promise.resolve(
      keys.flatMap((key) =>
        rows
          .filter((row) => keyColumns.every((name, at) => row[name] === key[at]))
          .map((row) => [...keyColumns, ...columns].map((name) => row[name] ?? null)),
      ),
    )
}

const clean = { lost: 0, doubled: 0, stale: 0, undead: 0 }

describe('the ledger', () => {
  const key = { id: 1n }

  test('expects the last acknowledged state, column by column', async () => {
    const ledger = createLedger()
    ledger.acknowledge(0, [{ table: 't', key, row: { a: 1n, b: 'x' } }])
    ledger.acknowledge(0, [{ table: 't', key, row: { a: 2n } }])
    expect(ledger.expectations()).toEqual([{ table: 't', key, row: { a: 2n, b: 'x' }, others: [] }])
    const check = async (rows: Cells[]) => await checkLedger(ledger.expectations(), placeOf(rows))
    expect(await check([{ id: 1n, a: 2n, b: 'x' }])).toMatchObject(clean)
    expect(await check([{ id: 1n, a: 1n, b: 'x' }])).toMatchObject({ ...clean, stale: 1 })
    expect(await check([])).toMatchObject({ ...clean, lost: 1 })
    expect(
      await check([
        { id: 1n, a: 2n, b: 'x' },
        { id: 1n, a: 2n, b: 'x' },
      ]),
    ).toMatchObject({ ...clean, doubled: 1 })
  })

  test('takes integers of both databases for equal, and never a number for its text', async () => {
    const ledger = createLedger()
    ledger.acknowledge(0, [{ table: 't', key, row: { a: 5n } }])
    const check = async (a: Value) =>
      await checkLedger(ledger.expectations(), placeOf([{ id: 1n, a }]))
    expect(await check(5)).toMatchObject(clean)
    expect(await check('5')).toMatchObject({ ...clean, stale: 1 })
    expect(await check(null)).toMatchObject({ ...clean, stale: 1 })
  })

  test('accepts either outcome of a doubtful write and no third one', async () => {
    const ledger = createLedger()
    ledger.acknowledge(0, [{ table: 't', key, row: { a: 1n } }])
    ledger.doubt(0, [{ table: 't', key, row: { a: 2n } }])
    const check = async (a: Value) =>
      await checkLedger(ledger.expectations(), placeOf([{ id: 1n, a }]))
    expect(await check(1n)).toMatchObject(clean)
    expect(await check(2n)).toMatchObject(clean)
    expect(await check(3n)).toMatchObject({ ...clean, stale: 1 })
    expect(ledger).toMatchObject({ acknowledged: 1, unknown: 1 })
  })

  test('expects nothing of a row of which only a doubtful write is known', () => {
    const ledger = createLedger()
    ledger.doubt(0, [{ table: 't', key, row: { a: 2n } }])
    expect(ledger.expectations()).toEqual([])
  })

  test('follows a key that was given out again, in whatever order the acknowledgements come', () => {
    const ledger = createLedger()
    ledger.acknowledge(0, [{ table: 't', key, row: { a: 1n } }])
    ledger.acknowledge(1, [{ table: 't', key, row: { a: 9n } }])
    ledger.acknowledge(0, [{ table: 't', key, row: null }])
    expect(ledger.expectations()).toMatchObject([{ row: { a: 9n } }])
  })

  test('tells keys of different classes apart', () => {
    const ledger = createLedger()
    const keys: Value[] = [1n, '1', Buffer.from('1')]
    for (const id of keys) ledger.acknowledge(0, [{ table: 't', key: { id }, row: {} }])
    expect(ledger.expectations()).toHaveLength(3)
  })
})
