import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { Rig } from './rig.ts'

/** Everything that is declared in either database. */
async function schemas(rig: Rig): Promise<unknown> {
  const sqlite = rig.sqlite((file) =>
    file.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all(),
  )
  const postgres = await rig.postgres(`
    SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
     WHERE table_schema IN ('public', 'lockstep') ORDER BY 1, 2, 3`)
  return { sqlite, postgres }
}

export interface Refusal {
  readonly error: unknown
  /** Whether either schema is another than before the call. */
  readonly changed: boolean
}

/** What comes of a call that is to be refused. */
export async function refusal(rig: Rig, call: () => Promise<unknown>): Promise<Refusal> {
  const before = await schemas(rig)
  const error: unknown = await call().then(
    () => 'it succeeded',
    (failure: unknown) => failure,
  )
  return { error, changed: !isDeepStrictEqual(await schemas(rig), before) }
}

/** The call failed with the code and said what to do, and nothing was changed. */
export function refused(code: string, message: RegExp): unknown {
  const said = expect.stringMatching(message) as string
  return { error: { name: 'LockstepError', code, message: said }, changed: false }
}
