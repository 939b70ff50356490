import { spawn } from 'node:child_process'

/** A small process beside this one that ends a server and removes its folder when this one is gone. */
export interface Reaper {
  /** The process to end; 0 for none. */
  watch(pid: number): void
  /** Nothing is left to end. */
  release(): void
}

/**
 * The end of its standard input is the one sign that comes even when this process is killed outright. The
 * last line read is the process to end: SIGQUIT makes PostgreSQL leave at once, children included.
 */
const script = `
trap '' INT TERM HUP
pid=0
while read -r next; do pid=$next; done
if [ "$pid" = released ]; then exit 0; fi
if [ "$pid" != 0 ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$1"
`

export function startReaper(folder: string): Reaper {
  const reaper = spawn('sh', ['-c', script, 'lockstep-reaper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  // Where there is no shell the server still stops with stop(); only the safety net is missing.
  reaper.on('error', () => {})
  reaper.stdin.on('error', () => {})
  reaper.unref()
  const { stdin } = reaper
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  return {
    watch: (pid) => {
      stdin.write(`${pid}\n`)
    },
    release: () => {
      stdin.end('released\n')
    },
  }
}
