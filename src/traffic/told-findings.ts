import type { Engine } from '../engine/engine.ts'
import type { Finding } from '../schema/model.ts'
import type { Connection } from '../sqlite/connection.ts'
import { stepVersion } from '../sqlite/schema-change.ts'

/** What the changes of the schema in one transaction leave to SQLite alone, told once it has committed. */
export interface ToldFindings {
  /** @param version of the step, which another one takes where the transaction goes back behind it */
  note(version: number, findings: readonly Finding[]): void
  /** @param db the file, where the steps are that have stayed */
  tell(db: Connection): void
}

export function createToldFindings({ events }: Pick<Engine, 'events'>): ToldFindings {
  const noted = new Map<number, readonly Finding[]>()
  return {
    note: (version, findings) => void noted.set(version, findings),
    tell(db) {
      const last = stepVersion(db).version
      const stayed = [...noted].flatMap(([version, found]) => (version > last ? [] : found))
      noted.clear()
      for (const finding of stayed) if (finding.level !== 'info') events.emit('finding', finding)
    },
  }
}
