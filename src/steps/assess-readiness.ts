import type { ReadinessCheck } from '../api.ts'
import { messageOf } from '../core/errors.ts'
import { oldestMajor } from '../move/check-server.ts'
import { findControl } from '../postgres/control.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { readServerFacts } from '../postgres/server-facts.ts'
import { mayWrite } from '../sqlite/connection.ts'
import type { FileFacts } from '../survey/file-facts.ts'

/** Whether `install` and `schema --apply` would find what they need; neither place is changed. */
export async function assessReadiness(
  file: FileFacts,
  server: PostgresServer,
  tables: readonly string[],
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
  tables: readonly string[],
): Promise<ReadinessCheck[]> {
  try {
    const facts = await readServerFacts(server.control, server.schema, tables)
    const { version, majorVersion, encoding, mayCreate } = facts
    const isInstalled = (await findControl(server.control)) !== undefined
    // Once something is installed they are Lockstep's own.
    const inTheWay = isInstalled ? [] : facts.inTheWay
    return [
      { name: 'postgres', ok: majorVersion >= oldestMajor, detail: `PostgreSQL ${version}` },
      { name: 'encoding', ok: encoding === 'UTF8', detail: encoding },
      {
        name: 'rights',
        ok: mayCreate,
        detail: mayCreate ? 'may create schemas' : 'the user may create no schema in the database',
      },
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
