import { timed } from './command.js'

/**
 * Takes a file to stage `mirror` and verifies it.
 * @param {import('./workspace.js').Workspace} workspace
 * @param {string} path
 * @returns the client, the database's connection string, and the seconds that each step took
 */
export async function timeJourney(workspace, path) {
  const url = await workspace.createDatabase()
  const db = await workspace.open(path, url)
  const seconds = {
    install: await timed(() => db.install()),
    applySchema: await timed(() => db.applySchema()),
    backfill: await timed(() => db.backfill()),
    verify: await timed(async () => {
      if (!(await db.verify()).equal) throw new Error('The copy is not equal')
    }),
  }
  return { db, url, seconds }
}
