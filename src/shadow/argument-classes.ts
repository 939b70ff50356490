import { classOf } from '../sql/parameter-class.ts'
import type { ParameterClass } from '../sql/translation.ts'

/** So many arguments of a call are looked at: more are a list in parentheses, whose parts are alike. */
const maxArguments = 32

/** One value of each class. */
const samples: Readonly<Record<ParameterClass, unknown>> = {
  null: null,
  integer: 1n,
  'integral-real': 1,
  real: 1.5,
  'integral-text': '1',
  'numeric-text': '1.5',
  text: 'text',
  blob: Buffer.from([1]),
  dynamic: null,
}

/**
 * The arguments of a call as JSON, each value as its class, in the lists and objects that they came in; null where they
 * are too many. No value is in it.
 */
export function classesOf(args: readonly unknown[]): string | null {
  let count = 0
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read)
    if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, read(one)]))
    count++
    return count > maxArguments ? null : classOf(value)
  }
  const classes = args.map(read)
  return count > maxArguments ? null : JSON.stringify(classes)
}

/** Arguments of these classes, as a call would have them. @param classes as `classesOf` gives them */
export function argumentsOfClasses(classes: string): readonly unknown[] {
  const make = (one: unknown): unknown => {
    if (typeof one === 'string') return samples[one as ParameterClass]
    if (Array.isArray(one)) return one.map(make)
    const entries = Object.entries(one as Readonly<Record<string, unknown>>)
    return Object.fromEntries(entries.map(([name, each]) => [name, make(each)]))
  }
  return (JSON.parse(classes) as readonly unknown[]).map(make)
}
