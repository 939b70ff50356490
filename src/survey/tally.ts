import type { ColumnProfile } from '../schema/profile.ts'
import type { SourceColumn } from '../schema/source.ts'
import { invalidUtf8 } from '../values/codec.ts'
import type { Value } from '../values/value.ts'
import type { Candidates } from './candidates.ts'
import { formatOf, type Format } from './formats.ts'
import { Sample, type RowAtHand } from '../schema/sample.ts'
import type { Trial } from './trial.ts'

/** The least and the greatest. */
export interface Range<T> {
  readonly min: T
  readonly max: T
}

/** A double tells integers up to here from their neighbours. */
const widest = 2n ** 53n

/**
 * A text or blob of more bytes may be too long for a B-tree of PostgreSQL's, whose entries have 2,704 at most after
 * compression. https://www.postgresql.org/docs/current/btree.html
 */
const longInIndexBytes = 2600

/** What is known of a column besides its declaration. */
export interface ColumnFacts {
  readonly inKey: boolean
  readonly inIndex: boolean
}

/** What one column holds, value by value. Its size does not depend on the number of rows. */
export class ColumnTally {
  readonly column: SourceColumn
  readonly candidates: Candidates
  readonly formats: Map<Format, number> = new Map()
  /** Rows with NULL in this column of the key. */
  readonly nullKeys: Sample = new Sample()
  readonly wideIntegers: Sample = new Sample()
  readonly longInIndex: Sample = new Sample()
  integers: Range<bigint> | null = null
  reals: Range<number> | null = null
  /** Of texts, in bytes of UTF-8. */
  textBytes: Range<number> | null = null
  blobBytes: Range<number> | null = null
  /** Of all texts and blobs. */
  bytes = 0
  readonly #facts: ColumnFacts
  readonly #counts = { nulls: 0, integers: 0, reals: 0, texts: 0, nulTexts: 0, blobs: 0 }
  #trials: readonly Trial[]

  constructor(column: SourceColumn, candidates: Candidates, facts: ColumnFacts) {
    this.column = column
    this.candidates = candidates
    this.#facts = facts
    this.#trials = [...candidates.possible, ...candidates.upgrades.map(({ trial }) => trial)]
  }

  get profile(): ColumnProfile {
    return {
      name: this.column.name,
      ...this.#counts,
      wideIntegers: this.wideIntegers.rows,
    }
  }

  /** @param value a blob comes as a buffer that holds the digits of its length, as nothing else of it is needed */
  take(value: Value, row: RowAtHand): void {
    if (value === null) {
      this.#counts.nulls += 1
      if (this.#facts.inKey) this.nullKeys.add(row)
    } else if (typeof value === 'bigint') this.#takeInteger(value, row)
    else if (typeof value === 'number') {
      this.#counts.reals += 1
      this.reals = widened(this.reals, value)
      this.#try(value, row)
    } else if (typeof value === 'string') this.#takeText(value, row)
    else {
      this.#counts.blobs += 1
      const length = Number(value.toString('latin1'))
      this.blobBytes = widened(this.blobBytes, length)
      this.#takeBytes(length, row)
      this.#try(value, row)
    }
  }

  #takeInteger(value: bigint, row: RowAtHand): void {
    this.#counts.integers += 1
    this.integers = widened(this.integers, value)
    if (value > widest || value < -widest) this.wideIntegers.add(row)
    this.#try(value, row)
  }

  #takeText(value: string, row: RowAtHand): void {
    this.#counts.texts += 1
    if (value.includes('\0')) this.#counts.nulTexts += 1
    const length = Buffer.byteLength(value)
    this.textBytes = widened(this.textBytes, length)
    this.#takeBytes(length, row)
    const isInvalid = row.isInvalid(this.column.name, value)
    if (isInvalid) for (const trial of this.#trials) trial.refuse(invalidUtf8, row)
    else this.#try(value, row)
  }

  #takeBytes(length: number, row: RowAtHand): void {
    this.bytes += length
    if (length > longInIndexBytes && this.#facts.inIndex) this.longInIndex.add(row)
  }

  #try(value: Exclude<Value, null>, row: RowAtHand): void {
    const format = formatOf(value)
    if (format !== null) this.formats.set(format, (this.formats.get(format) ?? 0) + 1)
    let ended = false
    for (const trial of this.#trials) {
      trial.take(value, format, row)
      ended ||= trial.isOver
    }
    if (ended) this.#trials = this.#trials.filter(({ isOver }) => !isOver)
  }
}

function widened<T extends bigint | number>(range: Range<T> | null, value: T): Range<T> {
  if (range === null) return { min: value, max: value }
  if (value < range.min) return { min: value, max: range.max }
  return value > range.max ? { min: range.min, max: value } : range
}
