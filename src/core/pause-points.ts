/**
 * The steps at which a test can stop or kill a process. Each durable step of the engine lies between two
 * of them; test/crash enumerates them all.
 */
export const pausePoints = [
  'write:committed',
  'ship:snapshot-open',
  'ship:before-apply',
  'ship:applied',
  'ship:before-discard',
  'ship:discarded',
  'install:sqlite-done',
  'install:postgres-done',
  'install:table-repaired',
  'schema:tables-created',
  'backfill:begun',
  'backfill:range-begun',
  'backfill:range-copied',
  'backfill:table-copied',
  'backfill:key-added',
  'backfill:keys-added',
  'backfill:caught-up',
  'backfill:index-created',
  'backfill:indexes-created',
  'backfill:sequences-set',
  'backfill:recorded',
  'schema-change:prepared',
  'schema-change:committed',
  'schema-change:followed',
  'flip:draining',
  'flip:drained',
  'flip:committing',
  'flip:before-commit-point',
  'flip:commit-point',
  'flip:moved',
  'flip:opened',
  'flip:cancelled',
  'flip:recorded',
  'recover:refused',
  'loss:accepted',
  'reconcile:fenced',
  'reconcile:table-kept',
  'reconcile:audited',
  'reconcile:committed',
  'complete:recorded',
  'complete:released',
  'uninstall:postgres-done',
] as const

export type PausePoint = (typeof pausePoints)[number]

/** Called at each step; the library's own does nothing. */
export type Reach = (point: PausePoint) => void | Promise<void>
