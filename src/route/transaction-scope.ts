import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Knows whether a call is made from inside of a transaction's function. A write of `db` there would wait
 * for the transaction, which waits for the write: for good.
 */
export interface TransactionScope {
  run<T>(work: () => Promise<T>): Promise<T>
  isInside(): boolean
  /** @throws TypeError inside of a transaction that is still open */
  refuseInside(): void
}

export function createTransactionScope(): TransactionScope {
  const storage = new AsyncLocalStorage<{ open: boolean }>()
  const isInside = (): boolean => storage.getStore()?.open === true
  return {
    isInside,
    async run(work) {
      const scope = { open: true }
      try {
        return await storage.run(scope, work)
      } finally {
        // What the function has set off and not awaited may write once the transaction has ended.
        scope.open = false
      }
    },
    refuseInside() {
      if (!isInside()) return
      throw new TypeError(
        'Inside of db.transaction(async (tx) => ...) write with tx, not with db: the transaction would wait for ' +
          'this call, and this call for the transaction. A part that may fail alone goes between ' +
          "tx.exec('SAVEPOINT part') and tx.exec('ROLLBACK TO part') or tx.exec('RELEASE part')",
      )
    },
  }
}
