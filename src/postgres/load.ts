import type { Queryer } from './control.ts'

/** What other clients ask of the server now. */
export interface ServerLoad {
  /** Sessions of this database that run a statement, Lockstep's own left out. */
  readonly active: number
  /**
   * How far the standby that is furthest behind is behind, in milliseconds; 0 where there is none, or none is shown. The
   * server's own `replay_lag` is from the standby's last answer, and stands still with one that hangs.
   */
  readonly standbyLagMs: number
}

/**
 * A role without `pg_monitor` sees no standbys, and of other roles' sessions not what they do: those count as idle.
 * https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export async function readLoad(db: Queryer): Promise<ServerLoad> {
  const { rows } = await db.query<{ active: number; lag: number | null }>(/* sql */ `
    SELECT (SELECT count(*)::int FROM pg_stat_activity
             WHERE state = 'active' AND datname = current_database() AND backend_type = 'client backend'
               AND application_name <> 'lockstep') AS active,
           (SELECT (extract(epoch FROM max(coalesce(replay_lag, '0') + greatest(clock_timestamp() - reply_time, '0')))
                    * 1000)::float8
              FROM pg_stat_replication
             WHERE replay_lsn < sent_lsn) AS lag`)
  const load = rows[0] as { active: number; lag: number | null }
  return { active: load.active, standbyLagMs: load.lag ?? 0 }
}

/** The share of the time in which a backfill may work, in percent, as an operator has set it; 100 unless set. */
export async function readThrottle(db: Queryer): Promise<number> {
  const { rows } = await db.query<{ percent: number }>('SELECT percent FROM lockstep.throttle')
  return rows[0]?.percent ?? 100
}

export async function setThrottle(db: Queryer, percent: number): Promise<void> {
  await db.query(
    `INSERT INTO lockstep.throttle (id, percent) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET percent = excluded.percent`,
    [percent],
  )
}
