import type { TypeOverrides } from '../schema/overrides.ts'
import type { Random } from './random.ts'
import type { Reader, Writer } from './work.ts'

/** A database with an application on it: what the journey is made with. */
export interface Scenario {
  readonly title: string
  /** A file of the demo's own, which it may change and throw away. */
  readonly file: string
  /** PostgreSQL types of single columns, for `createLockstep`. */
  readonly columns: TypeOverrides
  /** Rows taken out because no typed column can hold them. */
  readonly setAside: number
  /** Tables that the demo goes on without, each with the reason. */
  readonly leftOut: readonly string[]
  /** What a reader should know. */
  readonly notices: readonly string[]
  /** Names of gates that do not stop a flip here: nobody is there who could decide what they ask. */
  readonly overruled: readonly string[]
  writers(count: number, random: Random): Writer[]
  readers(count: number, random: Random): Reader[]
  /** What an operator does on PostgreSQL by hand once the tables are there. */
  afterSchema(postgresUrl: string): Promise<void>
}
