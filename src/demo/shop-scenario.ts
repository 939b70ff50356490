import { join } from 'node:path'
import { Client } from 'pg'
import type { Scenario } from './scenario.ts'
import { generateShop, shopSize } from './shop-data.ts'
import { createShopReader } from './shop-reader.ts'
import { shopTriggerTwin } from './shop-schema.ts'
import { shareShop } from './shop-start.ts'
import { createShopWriter } from './shop-writer.ts'

/** A generated shop in `folder`. */
export function createShopScenario(
  folder: string,
  options: { rows: number; seed: number },
): Scenario {
  const file = join(folder, 'shop.db')
  const rows = generateShop(file, options)
  const size = shopSize(options.rows)
  return {
    title: `a shop of ${rows.toLocaleString('en-US')} rows`,
    file,
    columns: {},
    setAside: 0,
    leftOut: [],
    notices: ['the demo writes the twin of the shop’s trigger on PostgreSQL itself'],
    overruled: [],
    writers: (count, random) =>
      shareShop(file, count).map((share, writer) =>
        createShopWriter(writer, count, share, random.fork(`shop writer ${writer}`)),
      ),
    readers: (count, random) =>
      Array.from({ length: count }, (_, reader) =>
        createShopReader(size, random.fork(`shop reader ${reader}`)),
      ),
    afterSchema: async (postgresUrl) => {
      const client = new Client({ connectionString: postgresUrl })
      await client.connect()
      try {
        await client.query(shopTriggerTwin)
      } finally {
        await client.end()
      }
    },
  }
}
