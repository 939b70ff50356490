import { sqliteError } from '../sqlite/errors.ts'
import type { Engine } from './engine.ts'

/**
 * Looks every `ms` milliseconds. What fails, as reads of a damaged file or a broken disk do, is told as the event `error`, once
 * for as long as it goes on: thrown by a timer it would end the application.
 */
export function regularly(
  ms: number,
  look: () => void,
  { events }: Pick<Engine, 'events'>,
): { stop(): void } {
  let isFailing = false
  const timer = setInterval(() => {
    try {
      look()
      isFailing = false
    } catch (error) {
      if (!isFailing) events.emit('error', { error: sqliteError(error) })
      isFailing = true
    }
  }, ms)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
