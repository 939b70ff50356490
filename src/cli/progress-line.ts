/** How far the rows of a long step are. */
interface RowsDone {
  readonly table: string | null
  readonly rows: number
  /** An estimate. */
  readonly total: number
  readonly rowsPerSecond: number
  readonly timeLeftMs: number | null
}

const barWidth = 20

/** `copy [#####---------------] 25 % users: 50 of about 200 rows, 1,500 rows/s, 1 s left` */
export function progressLine(
  step: string,
  { table, rows, total, rowsPerSecond, timeLeftMs }: RowsDone,
): string {
  const share = total > 0 ? Math.min(1, rows / total) : 1
  const bar = '#'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '-')
  const speed = rowsPerSecond > 0 ? `, ${rowsPerSecond.toLocaleString('en')} rows/s` : ''
  const left = timeLeftMs === null ? '' : `, ${duration(timeLeftMs)} left`
  const of = `${rows.toLocaleString('en')} of about ${total.toLocaleString('en')} rows`
  return `${step} [${bar}] ${Math.floor(share * 100)} % ${table ?? ''}: ${of}${speed}${left}`
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
