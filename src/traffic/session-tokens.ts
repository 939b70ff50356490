import type { Engine } from '../engine/engine.ts'
import type { SessionTokens } from '../route/session.ts'
import { issueToken, readToken, type TokenFacts } from '../route/session-token.ts'

export function createSessionTokens(engine: Engine): SessionTokens {
  const facts = (): TokenFacts | null => {
    const control = engine.findControl()
    if (control === null) return null
    const { epoch, primary, migration } = control
    const position = primary === 'sqlite' ? engine.lag.newest() : null
    return { epoch, primary, position, secret: migration }
  }
  return {
    issue() {
      const now = facts()
      return now === null ? '' : issueToken(now)
    },
    read(token) {
      const now = facts()
      return now === null ? null : readToken(token, now)
    },
  }
}
