import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { FlipOptions, FlipReport, Lockstep } from '../api.ts'
import type { PlaceName } from '../place/place.ts'
import type { FlagsPatch } from '../route/flags.ts'
import { advanceAnswer, flagsAnswer, flipAnswer, repairAnswer } from './answers.ts'
import type { Feed } from './feed.ts'
import { requireChange, type AdminEnv } from './guard.ts'
import { RequestProblem } from './problem.ts'
import { answer, refusals } from './responses.ts'

/** Who asks and why, in the body of every change; both go into the audit log. */
export const byWhom: {
  actor: z.ZodDefault<z.ZodString>
  reason: z.ZodOptional<z.ZodString>
} = {
  actor: z.string().min(1).max(200).default('operator').openapi({ example: 'ada' }),
  reason: z.string().min(1).max(1000).optional().openapi({ example: 'ticket 4711' }),
}

const percent = z.number().min(0).max(100)

const flagsBody = z
  .strictObject({
    mirror: z.boolean().optional(),
    primary: z.enum(['sqlite', 'postgres']).optional(),
    reads: z
      .strictObject({
        postgres: percent.optional(),
        tables: z.record(z.string().min(1), percent.nullable()).optional(),
      })
      .optional(),
    shadow: z.strictObject({ sample: percent.optional(), rehearse: percent.optional() }).optional(),
    ack: z.enum(['primary', 'both']).optional(),
    ...byWhom,
  })
  .openapi('FlagsPatch')

const flipSettings = {
  epoch: z.number().int().min(0).optional().openapi({
    description: 'Refused where the primary has moved since the status of this epoch.',
  }),
  pauseBudgetMs: z.number().int().min(1).max(600_000).optional(),
  force: z.boolean().optional(),
  ...byWhom,
}
const flipBody = z
  .strictObject({ to: z.enum(['sqlite', 'postgres']), ...flipSettings })
  .openapi('Flip')
const advanceBody = z
  .strictObject({ epoch: flipSettings.epoch, pauseBudgetMs: flipSettings.pauseBudgetMs, ...byWhom })
  .openapi('Advance')
const rollbackBody = z
  .strictObject({ ...flipSettings, acceptLoss: z.boolean().optional() })
  .openapi('Rollback')

const key = z.union([z.string(), z.number()])
const repairBody = z
  .strictObject({
    table: z.string().min(1),
    keys: z
      .array(z.union([key, z.array(key)]))
      .min(1)
      .max(10_000)
      .optional(),
    ...byWhom,
  })
  .openapi('Repair')

/** A body of JSON, in the terms of a route. */
export function jsonBody<T extends z.ZodType>(
  schema: T,
  required: boolean,
): { body: { required: boolean; content: { 'application/json': { schema: T } } } } {
  return { body: { required, content: { 'application/json': { schema } } } }
}

/** The routes that change something. Each may be sent again: what has been done already is not done twice. */
export function addChanging(app: OpenAPIHono<AdminEnv>, db: Lockstep, feed: Feed): void {
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/flags',
      middleware: requireChange,
      summary: 'Change flags, all or none of them',
      description: 'A change of `primary` is a flip with its gates, and answers when it has ended.',
      request: jsonBody(flagsBody, true),
      responses: { 200: answer('The flags in force.', flagsAnswer), ...refusals },
    }),
    async (c) => {
      const { actor, reason, ...flags } = c.req.valid('json')
      // Its checks take what is undefined for what is not given.
      const patch = flags as FlagsPatch
      const request = { call: 'flags', actor, reason, arguments: { ...patch } }
      return c.json(await db.audited(request, () => db.setFlags(patch)), 200)
    },
  )
  addFlips(app, db, feed)
  addAdvance(app, db, feed)
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/repair',
      middleware: requireChange,
      summary: 'Ship rows again, those of the keys or all of the table',
      request: jsonBody(repairBody, true),
      responses: {
        200: answer('How many rows; `unknown` keys have no row on either place.', repairAnswer),
        ...refusals,
      },
    }),
    async (c) => {
      const { actor, reason, table, keys } = c.req.valid('json')
      // Keys are the application's data: the log has how many there were.
      const args = { table, keys: keys === undefined ? 'all' : keys.length }
      const { rows, unknown } = await db.audited(
        { call: 'repair', actor, reason, arguments: args },
        () => db.repair(keys === undefined ? { table } : { table, keys: keys.map(integersExact) }),
      )
      return c.json({ rows, unknown: unknown.length }, 200)
    },
  )
}

function addFlips(app: OpenAPIHono<AdminEnv>, db: Lockstep, { status }: Feed): void {
  const move = async (
    call: 'flip' | 'rollback',
    to: PlaceName,
    given: z.output<typeof rollbackBody>,
  ): Promise<FlipReport> => {
    const { actor, reason, epoch, ...settings } = given
    const options = defined(settings)
    return db.audited({ call, actor, reason, arguments: { to, epoch, ...options } }, async () => {
      if (epoch !== undefined) refuseOther(epoch, (await status()).epoch)
      return call === 'flip' ? db.flip(to, options) : db.rollback(options)
    })
  }
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/flip',
      middleware: requireChange,
      summary: 'Move the primary, once every gate holds',
      request: jsonBody(flipBody, true),
      responses: {
        200: answer('`from` equals `to` where it was there already.', flipAnswer),
        ...refusals,
      },
    }),
    async (c) => {
      const { to, ...given } = c.req.valid('json')
      return c.json(await move('flip', to, given), 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rollback',
      middleware: requireChange,
      summary: 'Move the primary back to sqlite, with nothing lost',
      description:
        '`acceptLoss` is for a PostgreSQL that is lost for good: what had not come over is lost with it.',
      request: jsonBody(rollbackBody, false),
      responses: { 200: answer('As of a flip.', flipAnswer), ...refusals },
    }),
    async (c) => c.json(await move('rollback', 'sqlite', c.req.valid('json')), 200),
  )
}

function addAdvance(app: OpenAPIHono<AdminEnv>, db: Lockstep, { status }: Feed): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/advance',
      middleware: requireChange,
      summary: 'Take the next step of the journey, once its gates hold',
      description:
        'Mirror, shadow, each percentage of the ramp, the flip. A step that was taken is behind: sent again it takes the next one.',
      request: jsonBody(advanceBody, false),
      responses: { 200: answer('Where the journey is now.', advanceAnswer), ...refusals },
    }),
    async (c) => {
      const { actor, reason, epoch, pauseBudgetMs } = c.req.valid('json')
      const options = pauseBudgetMs === undefined ? {} : { pauseBudgetMs }
      const request = { call: 'advance', actor, reason, arguments: { epoch, ...options } }
      const report = await db.audited(request, async () => {
        if (epoch !== undefined) refuseOther(epoch, (await status()).epoch)
        return db.advance(options)
      })
      return c.json(report, 200)
    },
  )
}

function refuseOther(expected: number, now: number): void {
  if (expected === now) return
  throw new RequestProblem(
    409,
    'EPOCH_MOVED',
    `The primary has moved meanwhile: this is epoch ${now}, and the request is of epoch ${expected}`,
  )
}

function defined(
  settings: Partial<Record<keyof FlipOptions | 'acceptLoss', unknown>>,
): FlipOptions & { acceptLoss?: boolean } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

/** SQLite compares an integer with text columns as well; JSON's numbers are floats to better-sqlite3. */
function integersExact(given: z.output<typeof key> | z.output<typeof key>[]): unknown {
  if (Array.isArray(given)) return given.map(integersExact)
  return Number.isSafeInteger(given) ? BigInt(given) : given
}
