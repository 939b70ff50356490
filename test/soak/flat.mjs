/** What each figure may grow by from the second quarter of a run to the last one: a share of it, and so much besides. */
const limits = {
  rss: { share: 0.25, more: 32 << 20 },
  heap: { share: 0.25, more: 16 << 20 },
  // A pool that is idle is closed, and opened by the next flip: up to 16, with `postgres.max` at 10.
  handles: { share: 0, more: 20 },
  connections: { share: 0, more: 16 },
  // What waits at a moment: at most some batches.
  sqliteJournal: { share: 0.5, more: 10_000 },
  postgresJournal: { share: 0.5, more: 10_000 },
  sqliteFile: { share: 0.25, more: 4 << 20 },
  sqliteWal: { share: 0.5, more: 8 << 20 },
  // Between two runs of autovacuum dead rows stay.
  postgresOwn: { share: 0.5, more: 32 << 20 },
  postgresTables: { share: 0.5, more: 32 << 20 },
}

/** @param samples of all figures, evenly over the run */
export function grown(samples) {
  const quarter = Math.floor(samples.length / 4)
  return Object.entries(limits).map(([figure, { share, more }]) => {
    const from = median(samples.slice(quarter, 2 * quarter).map((one) => one[figure]))
    const to = median(samples.slice(-quarter).map((one) => one[figure]))
    return { figure, from, to, isFlat: to <= from * (1 + share) + more }
  })
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
