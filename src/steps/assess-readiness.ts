import type { ReadinessCheck } from '../api.ts'
import { messageOf } from '../core/errors.ts'
import { askServer, missingRights, oldestMajor } from '../move/check-server.ts'
import { findControl } from '../postgres/control.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { ServerFacts } from '../postgres/server-facts.ts'
import type { Table } from '../schema/model.ts'
import { mayWrite } from '../sqlite/connection.ts'
import type { FileFacts } from '../survey/file-facts.ts'

/** Whether `install` and `schema --apply` would find what they need; neither place is changed. */
export async function assessReadiness(
  file: FileFacts,
  server: PostgresServer,
  tables: readonly Table[],
): Promise<ReadinessCheck[]> {
  return [...fileChecks(file), ...(await serverChecks(server, tables))]
}

function fileChecks({ path, journalMode }: FileFacts): ReadinessCheck[] {
  const isWritable = mayWrite(path)
  return [
    {
      name: 'journal_mode',
      ok: journalMode === 'wal',
      detail:
        journalMode === 'wal'
          ? 'wal'
          : `${journalMode}: \`install\` needs WAL. Run \`PRAGMA journal_mode = WAL\` once`,
    },
    {
      name: 'file',
      ok: isWritable,
      detail: isWritable ? 'writable' : 'the file or its folder is read-only for this user',
    },
  ]
}

async function serverChecks(
  server: PostgresServer,
  tables: readonly Table[],
): Promise<ReadinessCheck[]> {
  try {
    const facts = await askServer(server, tables)
    const { version, majorVersion, encoding } = facts
    const isInstalled = (await findControl(server.control)) !== undefined
    // Once something is installed they are Lockstep's own.
    const inTheWay = [...(isInstalled ? [] : facts.inTheWay), ...facts.strangers]
    return [
      { name: 'postgres', ok: majorVersion >= oldestMajor, detail: `PostgreSQL ${version}` },
      { name: 'encoding', ok: encoding === 'UTF8', detail: encoding },
      rightsCheck(facts, server.schema),
      {
        name: 'empty',
        ok: inTheWay.length === 0,
        detail:
          inTheWay.length === 0
            ? `nothing stands in the way in schema ${server.schema}`
            : `schema ${server.schema} has ${inTheWay.slice(0, 5).join(', ')}${inTheWay.length > 5 ? ', ...' : ''} already`,
      },
    ]
  } catch (error) {
    return [{ name: 'postgres', ok: null, detail: `was not asked: ${messageOf(error)}` }]
  }
}

function rightsCheck(facts: ServerFacts, schema: string): ReadinessCheck {
  const name = 'rights'
  if (!facts.hasSchema)
    return {
      name,
      ok: false,
      detail: `the database has no schema ${schema}: create it, or correct postgres.schema`,
    }
  const missing = missingRights(facts, schema)
  if (missing.length === 0)
    return { name, ok: true, detail: 'may create schemas, and tables there' }
  return { name, ok: false, detail: `the user ${facts.user} ${missing.join(', ')}` }
}
