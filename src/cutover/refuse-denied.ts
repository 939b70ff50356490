import { LockstepError } from '../core/errors.ts'
import type { Queryer } from '../postgres/control.ts'
import type { Table } from '../schema/model.ts'

/** Foreign keys, triggers and sequences are changed by owners alone. */
const notOwned = /* sql */ `
  SELECT current_user AS "user", n.nspname || '.' || c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE (n.nspname = 'lockstep' AND c.relname = 'control' OR n.nspname = $1 AND c.relname = ANY ($2))
     AND c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE')
   ORDER BY 2`

/**
 * A user who may not do what the commit point does is told so before a write is held, and not at the commit point, behind
 * which only a process with the rights can settle the flip.
 * @throws LockstepError POSTGRES_DENIED
 */
export async function refuseDenied(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  const names = tables.map(({ name }) => name)
  const { rows } = await db.query<{ user: string; name: string }>(notOwned, [schema, names])
  const [first] = rows
  if (first === undefined) return
  const missing = rows.map(({ name }) => `does not own the table ${name}`)
  throw new LockstepError(
    'POSTGRES_DENIED',
    `The user ${first.user} of PostgreSQL ${missing.join(', ')}. Nothing was changed: let a process flip that connects as the owner`,
    { details: { missing } },
  )
}
