import type { SqlFunction } from './registry.ts'
import { simple } from './signature.ts'

/** Functions of chance, which PostgreSQL's generator gives. https://www.sqlite.org/lang_corefunc.html#random */
export const randomFunctions: readonly SqlFunction[] = [
  {
    ...simple({
      name: 'random',
      takes: [],
      gives: 'integer',
      notNull: 'always',
      sql: () => 'sqlite.random()',
    }),
    volatility: 'volatile',
  },
  simple({
    name: 'randomblob',
    takes: ['integer'],
    gives: 'blob',
    notNull: 'always',
    volatility: 'volatile',
    sql: ([size]) => `sqlite.randomblob(${size})`,
  }),
]
