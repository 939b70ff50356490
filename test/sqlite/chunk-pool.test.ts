import { expect, test } from 'vitest'
import { ChunkPool } from '../../src/sqlite/chunk-pool.ts'

const size = (buffer: Buffer): number => buffer.buffer.byteLength

test('what comes back is given out again, but for what has grown with a long row', () => {
  const pool = new ChunkPool(1000)
  const first = pool.take()
  const memory = first.buffer as ArrayBuffer
  pool.give(memory)
  pool.give(new ArrayBuffer(100_000))
  expect(pool.take().buffer).toBe(memory)
  expect(size(pool.take())).toBe(size(first))
})
