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
  'schema:tables-created',
  'backfill:range-copied',
  'backfill:table-copied',
  'backfill:keys-added',
  'backfill:caught-up',
  'backfill:indexes-created',
  'backfill:sequences-set',
  'backfill:recorded',
  'flip:draining',
  'flip:drained',
  'flip:committing',
  'flip:before-commit-point',
  'flip:commit-point',
  'flip:moved',
  'flip:opened',
] as const

export type PausePoint = (typeof pausePoints)[number]

/** Called at each step; the library's own does nothing. */
export type Reach = (point: PausePoint) => void | Promise<void>
