/** A stream of numbers that depends on its seed only, so that a demo can be run again as it was. */
export interface Random {
  /** An integer from `low` up to and with `high`. */
  integer(low: number, high: number): number
  /** True with probability `share`. */
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  bytes(length: number): Buffer
  /** Another stream, independent of how far this one is read. */
  fork(name: string): Random
}

/** The generator is mulberry32 over a hash of seed and name: small, fast, good enough for test data. */
export function createRandom(seed: number, name = ''): Random {
  let state = hash(`${seed}/${name}`)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    integer,
    chance: (share) => next() < share,
    pick: (from) => {
      if (from.length === 0) throw new TypeError('there is nothing to pick from')
      return from[integer(0, from.length - 1)] as (typeof from)[number]
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => integer(0, 255))),
    fork: (child) => createRandom(seed, `${name}/${child}`),
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return value
}
