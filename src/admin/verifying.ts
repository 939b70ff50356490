import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { isDeepStrictEqual } from 'node:util'
import type { Lockstep, VerifyOptions, VerifyReport } from '../api.ts'
import { verifyAnswer, type ShownVerify } from './answers.ts'
import { byWhom, jsonBody } from './changing.ts'
import type { Feed } from './feed.ts'
import { requireChange, type AdminEnv } from './guard.ts'
import { problemOf, RequestProblem } from './problem.ts'
import { answer, refusals } from './responses.ts'

const verifyBody = z
  .strictObject({
    tables: z.array(z.string().min(1)).min(1).max(10_000).optional(),
    sample: z.number().gt(0).max(100).optional(),
    keys: z.boolean().default(false).openapi({ description: 'Show which rows differ.' }),
    values: z
      .boolean()
      .default(false)
      .openapi({ description: 'Show keys, and what each place holds.' }),
    ...byWhom,
  })
  .openapi('Verify')

type Settings = Pick<VerifyOptions, 'tables' | 'sample' | 'values'>

/** How often the progress goes out. */
const progressMs = 250

/**
 * `POST /v1/verify` answers when all rows are compared; its progress is in the stream of events. Who asks
 * for the same while it runs gets the same answer, so a lost connection costs nothing.
 */
export function addVerifying(app: OpenAPIHono<AdminEnv>, db: Lockstep, { log }: Feed): void {
  let running: { settings: Settings; report: Promise<VerifyReport> } | undefined
  const begin = async (settings: Settings): Promise<VerifyReport> => {
    let toldAt = -Infinity
    try {
      const report = await db.verify({
        ...settings,
        onProgress(progress) {
          if (performance.now() - toldAt < progressMs) return
          toldAt = performance.now()
          log.push('verify', { running: true, ...progress })
        },
      })
      const { equal, problems, differences } = report
      const found = { differences: differences.length, problems: problems.length }
      log.push('verify', { running: false, equal, ...found })
      return report
    } catch (error) {
      log.push('verify', { running: false, ...problemOf(error).body })
      throw error
    } finally {
      running = undefined
    }
  }
  const join = (settings: Settings): Promise<VerifyReport> => {
    running ??= { settings, report: begin(settings) }
    if (isDeepStrictEqual(running.settings, settings)) return running.report
    throw new RequestProblem(409, 'VERIFY_RUNNING', 'A verify of other tables is under way')
  }
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/verify',
      middleware: requireChange,
      summary: 'Compare both places exactly, under live writes',
      request: jsonBody(verifyBody, false),
      responses: { 200: answer('Also where they differ.', verifyAnswer), ...refusals },
    }),
    async (c) => {
      const { actor, reason, tables, sample, keys, values } = c.req.valid('json')
      const settings: Settings = {
        ...(tables === undefined ? {} : { tables }),
        ...(sample === undefined ? {} : { sample }),
        ...(values ? { values } : {}),
      }
      const request = { call: 'verify', actor, reason, arguments: { ...settings } }
      const report = await db.audited(request, () => join(settings))
      return c.json(shown(report, keys || values), 200)
    },
  )
}

function shown(report: VerifyReport, withKeys: boolean): ShownVerify {
  if (withKeys) return report
  return { ...report, differences: report.differences.map((one) => ({ ...one, key: null })) }
}
