import type pg from 'pg'
import { messageOf, LockstepError } from '../core/errors.ts'
import { describeStatement } from '../postgres/describe.ts'
import { databaseError } from '../postgres/errors.ts'
import type { Judgement } from './judge.ts'

/**
 * Has PostgreSQL read everything that a judgement would send; what it refuses is refused.
 * @throws what the connection failed with
 */
export async function prepareOnServer(client: pg.Client, judgement: Judgement): Promise<Judgement> {
  try {
    await judgement.override?.check?.()?.(client)
    for (const { steps } of judgement.prepared) {
      for (const { text } of steps) await describeStatement(client, text)
    }
    return judgement
  } catch (error) {
    if (!(error instanceof LockstepError) && databaseError(error) === undefined) throw error
    const refusal =
      error instanceof LockstepError
        ? error
        : new LockstepError(
            'SQL_UNSUPPORTED',
            `PostgreSQL refuses what it is translated to: ${messageOf(error)}`,
            {
              details: {
                construct: 'a statement that PostgreSQL does not take',
                wayOut: 'Write it in another way, or write an override',
              },
              cause: error,
            },
          )
    // An override that does not fit waits for its author.
    const verdict = judgement.override === null ? 'refused' : 'decision'
    return { ...judgement, verdict, error: refusal }
  }
}
