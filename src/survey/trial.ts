import { codecFor, storageClass, Unencodable, type ColumnCodec } from '../values/codec.ts'
import { sameValue } from '../values/compare.ts'
import { isUpgraded } from '../values/postgres-type.ts'
import type { Affinity, PostgresType, UpgradedType, Value } from '../values/value.ts'
import type { Format } from './formats.ts'
import { Sample, type RowAtHand } from '../schema/sample.ts'

/** A type that may be suggested is given up where it has failed so often, and more often than not. */
const maxFailures = 200

/**
 * Carries the values of one column through the codec of one type: there, and for a type that a configuration chooses
 * also back, and compares bit for bit. The codec is the one that ships rows, so what it refuses would go to quarantine.
 */
export class Trial {
  readonly type: PostgresType
  /** Values, without NULLs, that the type carries. */
  fits = 0
  /** Values that it does not. */
  misfits = 0
  /** The rows of the misfits, by the reason, which is in terms of types. */
  readonly refused: Map<string, Sample> = new Map()
  /** It was given up, so that its figures are not complete. */
  isOver = false
  readonly #codec: ColumnCodec
  readonly #comesBack: boolean
  readonly #mayEnd: boolean
  readonly #format: Format | null

  /**
   * @param format the only one whose values are worth trying, as others may fit by chance; null tries every value
   * @param mayEnd it is a suggestion, that is of no use where most values do not fit
   * @param codec the one that ships the rows; a test passes another
   */
  constructor(
    type: PostgresType,
    affinity: Affinity,
    {
      format = null,
      mayEnd = false,
      codec = codecFor({ postgresType: type, affinity }),
    }: { format?: Format | null; mayEnd?: boolean; codec?: ColumnCodec } = {},
  ) {
    this.type = type
    this.#codec = codec
    this.#comesBack = isUpgraded(type)
    this.#format = format
    this.#mayEnd = mayEnd
  }

  take(value: Exclude<Value, null>, format: Format | null, row: RowAtHand): void {
    if (this.isOver) return
    const reason =
      this.#format !== null && this.#format !== format
        ? `${storageClass(value)} in another form`
        : this.#carry(value)
    if (reason === null) this.fits += 1
    else this.refuse(reason, row)
  }

  refuse(reason: string, row: RowAtHand): void {
    if (this.isOver) return
    let sample = this.refused.get(reason)
    if (sample === undefined) this.refused.set(reason, (sample = new Sample()))
    sample.add(row)
    this.misfits += 1
    this.isOver = this.#mayEnd && this.misfits > maxFailures && this.misfits > this.fits
  }

  /** Null where the value arrives, else why not. */
  #carry(value: Exclude<Value, null>): string | null {
    const text = this.#codec.encode(value)
    if (text instanceof Unencodable) return text.reason
    if (!this.#comesBack || sameValue(this.#codec.decode(text), value)) return null
    return `${storageClass(value)} that comes back as another value`
  }
}

/** The format whose values a type stands for; null for decimals, which are numbers of any size. */
export function formatFor(type: UpgradedType): Format | null {
  switch (type) {
    case 'boolean':
    case 'date':
    case 'uuid':
      return type
    case 'json':
    case 'jsonb':
      return 'json'
    case 'timestamptz':
    case 'timestamptz(iso)':
      return 'timestamp'
    case 'timestamptz(seconds)':
      return 'epochSeconds'
    case 'timestamptz(milliseconds)':
      return 'epochMilliseconds'
    default:
      return null
  }
}
