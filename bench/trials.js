import { ackBoth } from './trials/ack-both.js'
import { adapters } from './trials/adapters.js'
import { backfill } from './trials/backfill.js'
import { backfillRows } from './trials/backfill-rows.js'
import { capturePostgres } from './trials/capture-postgres.js'
import { captureSqlite } from './trials/capture-sqlite.js'
import { eventLoop } from './trials/event-loop.js'
import { flipPause } from './trials/flip-pause.js'
import { getByKey } from './trials/get-by-key.js'
import { hostileRequests } from './trials/hostile-requests.js'
import { peers } from './trials/peers.js'
import { scaleTables } from './trials/scale-tables.js'
import { scaleWidth } from './trials/scale-width.js'
import { scaleWriters } from './trials/scale-writers.js'
import { shadow } from './trials/shadow.js'
import { statementRegistry } from './trials/statement-registry.js'
import { translate } from './trials/translate.js'
import { verify } from './trials/verify.js'

/** Every trial, in the order in which they run.
 * @type {readonly import('./trial.js').Trial[]}
 */
export const trials = [
  ackBoth,
  peers,
  getByKey,
  adapters,
  captureSqlite,
  capturePostgres,
  eventLoop,
  flipPause,
  backfill,
  verify,
  translate,
  statementRegistry,
  shadow,
  hostileRequests,
  scaleWriters,
  scaleTables,
  scaleWidth,
  backfillRows,
]
