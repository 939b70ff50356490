import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { Health, keptSeconds, sumOf, type HealthFigures } from '../cutover/health.ts'
import { createKeptRecords } from '../sqlite/kept-records.ts'

/** How reads on the secondary go, here and, told now and then, in the other processes of the application. */
export interface SharedHealth {
  readonly here: Health
  /** How statements go on PostgreSQL as the primary, in this process, where the autopilot may roll back. */
  readonly primary: Health
  /** The last minute of this process, and what others have told of theirs lately. */
  everywhere(): HealthFigures
  start(): void
  close(): Promise<void>
}

interface Told extends HealthFigures {
  readonly process: string
  readonly atMs: number
}

/** How often a process tells its last minute, and for how long that counts. */
const tellMs = 10_000
const freshMs = 300_000
/** Of more processes those that told longest ago are forgotten. */
const maxProcesses = 100

export function createHealth(engine: Engine): SharedHealth {
  const here = new Health(() => performance.now())
  const own = randomUUID()
  const kept = createKeptRecords<Told>(engine.file, {
    table: 'health',
    max: maxProcesses,
    busyTimeoutMs: 500,
  })
  let timer: NodeJS.Timeout | undefined
  const tell = async (): Promise<void> => {
    const figures = here.over(keptSeconds * 1000)
    if (figures.reads > 0)
      await kept.update([own], () => ({ process: own, atMs: Date.now(), ...figures }))
  }
  // What could not be told, as another process held the file for long, is told the next time.
  const tellIfPossible = (): Promise<void> => tell().catch(() => undefined)
  return {
    here,
    primary: new Health(() => performance.now()),
    everywhere() {
      const since = Date.now() - freshMs
      const others = kept.all().filter(({ process, atMs }) => process !== own && atMs > since)
      return sumOf([here.over(keptSeconds * 1000), ...others])
    },
    start: () => void (timer = setInterval(() => void tellIfPossible(), tellMs).unref()),
    async close() {
      clearInterval(timer)
      await tellIfPossible()
      kept.close()
    },
  }
}
