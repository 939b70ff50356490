import type { z } from '@hono/zod-openapi'
import { problem } from './answers.ts'
import type { ProblemBody } from './problem.ts'

export interface JsonResponse<T> {
  description: string
  content: { 'application/json': { schema: z.ZodType<T> } }
}

/** One answer of a route in the OpenAPI document. */
export function answer<T>(description: string, schema: z.ZodType<T>): JsonResponse<T> {
  return { description, content: { 'application/json': { schema } } }
}

/** What every route with a token may refuse with. */
export const refusals: Readonly<
  Record<400 | 401 | 403 | 409 | 429 | 500 | 503, JsonResponse<ProblemBody>>
> = {
  400: answer('The request is wrong; the message names what is.', problem),
  401: answer('There is no token, or a wrong one.', problem),
  403: answer('The token is not that of an operator, or the request is of another site.', problem),
  409: answer('Something stands in the way; the code says what.', problem),
  429: answer('Too many requests.', problem),
  500: answer('Something unexpected, of which nothing is told here; the log has it.', problem),
  503: answer('A database does not answer.', problem),
}
