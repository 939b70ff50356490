import type { Engine } from '../engine/engine.ts'

/** A flip that the flag has begun needs a moment for its gates: only what has stood for so long is told. */
export const unmetAfterMs = 5000

/**
 * Says that the flag `primary` asks for another place than the one that rules, with what settles it; null where
 * they agree. It is the change of the flag that starts a flip, never its state: a file of last week's deployment
 * must not move the primary because a process begins with it.
 */
export function unmetFlags(engine: Engine): string | null {
  // Of flags that are refused nobody knows what they ask for.
  if (!engine.installed || engine.flagsRefused() !== null) return null
  const { primary, completed } = engine.control()
  const { primary: wanted } = engine.flags()
  if (wanted === primary) return null
  const backAt =
    engine.options.flags.kind === 'openfeature'
      ? `${primary} in the provider of the flags`
      : `it back with \`lockstep flags set primary=${primary}\``
  const found = `The flag primary asks for ${wanted}, and ${primary} is the primary`
  if (completed) return `${found} for good, as the migration is complete: set ${backAt}`
  return (
    `${found}. A flag moves it only when it changes, once: the gates refused that flip, or no process led just then. ` +
    `Unless a flip is under way, \`lockstep flip ${wanted}\` carries it out; or set ${backAt}`
  )
}

/** To be called now and then; tells each such state once, when it has stood for a while. */
export function createUnmetWatch(engine: Engine): () => void {
  let seen: string | null = null
  let sinceMs = 0
  let told = false
  return () => {
    const message = unmetFlags(engine)
    if (message !== seen) [seen, sinceMs, told] = [message, performance.now(), false]
    if (message === null || told || performance.now() - sinceMs < unmetAfterMs) return
    told = true
    engine.events.emit('flags-unmet', { message })
  }
}
