import { isNumericAffinity } from './affinity.ts'
import { isCanonicalJson, isJson } from './json-text.ts'
import { decimalOf } from './postgres-type.ts'
import { positionalText } from './real-text.ts'
import { momentOfServer, serverMoment, timestampForm } from './timestamp-codec.ts'
import type { Affinity, UpgradedType, Value } from './value.ts'

/**
 * Carries the values of one form, all of which PostgreSQL's type gives back to the letter:
 *
 * | type | values on SQLite |
 * | --- | --- |
 * | `boolean` | INTEGER 0 and 1 |
 * | `date` | TEXT `2024-05-06`, years 1 to 9999 |
 * | `timestamptz` | TEXT `2024-05-06 07:08:09`, in UTC, with up to six digits of a fraction that does not end in 0 |
 * | `timestamptz(iso)` | TEXT `2024-05-06T07:08:09.123Z` |
 * | `timestamptz(seconds)`, `timestamptz(milliseconds)` | INTEGER since 1970, years 1 to 9999 |
 * | `uuid` | TEXT in small letters with hyphens |
 * | `json` | TEXT that is JSON by RFC 8259 |
 * | `jsonb` | TEXT in the one form of `isCanonicalJson` |
 * | `numeric(p,s)` | numbers in a column of a numeric affinity, with s digits behind the point at most |
 */
export interface UpgradedCodec {
  /** PostgreSQL's text input form; undefined for a value that has not the form. */
  readonly encode: (value: Value, affinity: Affinity) => string | undefined
  /**
   * PostgreSQL's text output as SQLite's value. What the type holds beside the form (`infinity`, a year before
   * Christ) comes as its text.
   */
  readonly decode: (text: string) => Value
}

const dateText = /^(?!0000)\d{4}-\d\d-\d\d$/
const uuidText = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

const asText = (text: string): string => text

export function upgradedCodec(type: UpgradedType): UpgradedCodec {
  switch (type) {
    case 'boolean':
      return {
        encode: (value) => (value === 1n ? 't' : value === 0n ? 'f' : undefined),
        decode: (text) => (text === 't' || text === 'true' ? 1n : 0n),
      }
    case 'date':
      return {
        ...textCodec((text) => dateText.test(text) && isDay(text)),
        decode: (text) => (dateText.test(text) ? text : beyond(text)),
      }
    case 'uuid':
      return textCodec((text) => uuidText.test(text))
    case 'json':
      return textCodec(isCarried(isJson))
    case 'jsonb':
      return { ...textCodec(isCarried(isCanonicalJson)), decode: withoutBlanks }
    case 'timestamptz':
    case 'timestamptz(iso)':
    case 'timestamptz(seconds)':
    case 'timestamptz(milliseconds)': {
      const form = timestampForm(type)
      return {
        encode(value) {
          const moment = form.read(value)
          return moment === undefined ? undefined : serverMoment(moment, form)
        },
        decode(text) {
          const moment = momentOfServer(text, form)
          return moment === undefined ? beyond(text) : form.write(moment)
        },
      }
    }
    default:
      return decimalCodec(type)
  }
}

function textCodec(fits: (text: string) => boolean): UpgradedCodec {
  return {
    encode: (value) => (typeof value === 'string' && fits(value) ? value : undefined),
    decode: asText,
  }
}

/** A 30th of February would become the 1st of March. */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** PostgreSQL's text has neither NUL nor half a character, which JSON only has as an escape. */
function isCarried(fits: (text: string) => boolean): (text: string) => boolean {
  return (text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text) && fits(text)
}

/** A session of other settings would give other texts, of which no value may be made. */
function beyond(text: string): string {
  if (/^-?infinity$| BC$|^\d{5,}-/.test(text)) return text
  throw new TypeError('dates must arrive in the ISO style, and times in UTC')
}

/** What `jsonb` writes, `{"a": 1, "b": [2, 3]}`, without the blanks between its tokens. */
function withoutBlanks(text: string): string {
  return text.includes(' ') ? text.replaceAll(/("(?:[^"\\]|\\.)*")| /g, '$1') : text
}

/** A decimal of up to 15 digits is the shortest text of one REAL, so that both say the same. */
function decimalCodec(type: string): UpgradedCodec {
  const [precision, scale] = decimalOf(type) ?? [0, 0]
  return {
    encode(value, affinity) {
      if (!isNumericAffinity(affinity)) return undefined
      if (typeof value !== 'bigint' && !Number.isFinite(value)) return undefined
      if (Object.is(value, -0)) return undefined
      const text = typeof value === 'bigint' ? String(value) : positionalText(value as number)
      const [, whole = '', fraction = ''] = /^-?0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text) ?? []
      return whole.length <= precision - scale && fraction.length <= scale ? text : undefined
    },
    decode: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text)),
  }
}
