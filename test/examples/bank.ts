/** The bank that every example is, over HTTP. */
export interface Bank {
  open(owner: string): Promise<Account>
  account(id: number): Promise<Account>
  accounts(): Promise<Account[]>
  /** The status of the answer: 201, or 409 where the payer has too little. */
  transfer(payer: number, payee: number, amount: number): Promise<number>
}

export interface Account {
  readonly id: number
  readonly owner: string
  readonly balance: number
}

/** What an account is opened with. */
export const openingBalance = 100

export class Refused extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(`${status}: ${text}`)
    this.status = status
  }
}

export function bankAt(url: string, onWorker?: (pid: string) => void): Bank {
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      // A connection each, so that every worker of a cluster gets some.
      headers: { 'content-type': 'application/json', connection: 'close' },
    })
    onWorker?.(response.headers.get('x-worker') ?? '')
    if (!response.ok) throw new Refused(response.status, await response.text())
    return response.json()
  }
  return {
    open: async (owner) => (await ask('/accounts', { owner })) as Account,
    account: async (id) => (await ask(`/accounts/${id}`)) as Account,
    accounts: async () => (await ask('/accounts')) as Account[],
    transfer: async (payer, payee, amount) =>
      ask('/transfers', { payer, payee, amount }).then(
        () => 201,
        (error: unknown) => {
          if (error instanceof Refused && error.status === 409) return 409
          throw error
        },
      ),
  }
}

export interface Load extends AsyncDisposable {
  /** Resolves when so many more requests have been answered. */
  reach(count: number): Promise<void>
  stop(): Promise<{ opened: Account[]; errors: unknown[] }>
}

/** Customers who open accounts, look at them and move money between them, until they are stopped or one of them fails. */
export function startLoad(bank: Bank): Load {
  const opened: Account[] = []
  const errors: unknown[] = []
  let answered = 0
  let stopped = false
  const visit = async (name: string): Promise<void> => {
    const account = await bank.open(name)
    opened.push(account)
    // It reads what it wrote, whichever place and process serves.
    const found = await bank.account(account.id)
    if (found.owner !== name) throw new Error(`${name} has found the account of ${found.owner}`)
    const other = opened[Math.floor(Math.random() * opened.length)]
    if (other !== undefined && other.id !== account.id)
      await bank.transfer(account.id, other.id, 60)
  }
  const customer = async (name: string): Promise<void> => {
    for (let turn = 0; !stopped && errors.length === 0; turn++) {
      await visit(`${name} ${turn}`).catch((error: unknown) => errors.push(error))
      answered++
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const customers = ['Ann', 'Bob', 'Cy', 'Dee'].map(customer)
  const stop = async (): ReturnType<Load['stop']> => {
    stopped = true
    await Promise.all(customers)
    return { opened, errors }
  }
  return {
    async reach(count) {
      const goal = answered + count
      while (answered < goal && errors.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5))
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
