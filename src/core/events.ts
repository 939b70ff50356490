/** Listeners by name of event. A listener that throws does not stop the others, nor the emitter. */
export class TypedEmitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(data: never) => void>>()

  /** Returns the function that takes the listener off again. */
  on<E extends keyof Events>(event: E, listener: (data: Events[E]) => void): () => void {
    if (typeof listener !== 'function')
      throw new TypeError('Expected the listener to be a function')
    const listeners = this.#listeners.get(event) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(event, listeners)
    return () => void listeners.delete(listener)
  }

  emit<E extends keyof Events>(event: E, data: Events[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        ;(listener as (data: Events[E]) => void)(data)
      } catch (error) {
        // The listener's own failure is the application's: it must be seen, and must not stop us.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
