import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFileFlagsStore } from '../../src/route/flags-file.ts'
import { defaultFlags, type Flags } from '../../src/route/flags.ts'
import type { FlagsStore } from '../../src/route/flags-store.ts'

const text = `# How far the move has come.
mirror: true # keep up
reads:
  postgres: 0 # percent
  tables: { Users: 5 }
shadow:
  # Compared reads.
  sample: 5
`

let directory: string
let path: string
let store: FlagsStore | undefined
const changes: [Flags, string][] = []
const refusals: string[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-flags-'))
  path = join(directory, 'flags.yaml')
  await writeFile(path, text)
})

afterEach(async () => {
  await store?.close()
  store = undefined
  changes.length = 0
  refusals.length = 0
  await rm(directory, { recursive: true, force: true })
})

async function start(options: { pollMs?: number; required?: boolean } = {}): Promise<FlagsStore> {
  store = await createFileFlagsStore({
    path,
    ...options,
    onChange: (flags, source) => changes.push([flags, source]),
    onRefused: (message) => refusals.push(message),
  })
  return store
}

/** The law for a running application: a change is in force within one second. */
function inForce(percent: number): Promise<void> {
  return vi.waitFor(() => expect(store?.current().reads.postgres).toBe(percent), {
    timeout: 1000,
    interval: 10,
  })
}

function textWith(percent: number): string {
  return text.replace('postgres: 0', `postgres: ${percent}`)
}

describe('a flags file that is not required to be good at the start', () => {
  test.each([
    ['missing', null, 'cannot be read: ENOENT'],
    ['no YAML', 'reads: [', 'flow'],
    ['out of range', 'reads: { postgres: 200 }', 'reads.postgres must be a number from 0 to 100'],
  ])(
    '%s: the defaults are in force, and it says what is wrong until that is mended',
    async (_, bad, words) => {
      await (bad === null ? rm(path) : writeFile(path, bad))
      await start({ required: false, pollMs: 20 })
      expect(store?.current()).toEqual(defaultFlags)
      expect(store?.refused()?.toLowerCase()).toContain(words.toLowerCase())
      // Looking again does not make it good.
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(store?.refused()?.toLowerCase()).toContain(words.toLowerCase())
      expect(refusals).toHaveLength(1)
      await writeFile(path, textWith(10))
      await inForce(10)
      expect(store?.refused()).toBeNull()
    },
  )

  test('is mended by a change of the value that is wrong', async () => {
    await writeFile(path, 'reads: { postgres: 200 }')
    await start({ required: false })
    await store?.set({ reads: { postgres: 20 } })
    expect(await readFile(path, 'utf8')).toBe('reads: { postgres: 20 }\n')
    expect([store?.current().reads.postgres, store?.refused()]).toEqual([20, null])
  })
})

describe('a flags file', () => {
  test('that turned bad is said to be so for as long as it is', async () => {
    await start({ pollMs: 20 })
    await writeFile(path, 'mirror: perhaps')
    await vi.waitFor(() => expect(refusals).toHaveLength(1))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(store?.refused()).toContain('mirror must be true or false')
    await writeFile(path, text)
    await vi.waitFor(() => expect(store?.refused()).toBeNull())
    expect(refusals).toHaveLength(1)
  })

  test('a change written in place is in force within one second', async () => {
    await start()
    await writeFile(path, textWith(10))
    await inForce(10)
    expect(changes.map(([flags, source]) => [flags.reads.postgres, source])).toEqual([[10, 'file']])
  })

  test('a file that an editor replaces is followed, again and again', async () => {
    await start()
    for (const percent of [10, 20, 30]) {
      await writeFile(`${path}~`, textWith(percent))
      await rename(`${path}~`, path)
      await inForce(percent)
    }
    expect(changes).toHaveLength(3)
  })

  test('a symlinked directory that is swapped is followed, as Kubernetes does it', async () => {
    for (const version of ['v1', 'v2']) await mkdir(join(directory, version))
    await writeFile(join(directory, 'v1', 'flags.yaml'), textWith(1))
    await writeFile(join(directory, 'v2', 'flags.yaml'), textWith(2))
    await symlink('v1', join(directory, '..data'))
    await rm(path)
    await symlink(join('..data', 'flags.yaml'), path)
    await start()
    expect(store?.current().reads.postgres).toBe(1)
    await symlink('v2', join(directory, '..next'))
    await rename(join(directory, '..next'), join(directory, '..data'))
    await inForce(2)
  })

  test('a change behind a symlink in another directory, which no watcher sees, is followed', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'lockstep-elsewhere-'))
    await writeFile(join(elsewhere, 'real.yaml'), textWith(1))
    await rm(path)
    await symlink(join(elsewhere, 'real.yaml'), path)
    await start()
    await writeFile(join(elsewhere, 'real.yaml'), textWith(2))
    await inForce(2)
    expect(changes).toHaveLength(1)
    await rm(elsewhere, { recursive: true })
  })

  test('the last good flags stay in force while the file is bad, empty or gone', async () => {
    await start()
    await writeFile(path, textWith(10))
    await inForce(10)
    const bad: [string, RegExp][] = [
      [
        'reads: { postgres: 101 }',
        /flags.yaml: reads.postgres must be a number from 0 to 100, not 101/,
      ],
      ['mirror: [', /flags.yaml: .*at line 1/],
      ['# only a comment', /flags.yaml: The file is empty/],
      ['mirror: 1', /mirror must be/],
      ['', /flags.yaml: The file is empty/],
    ]
    for (const [content, message] of bad) {
      refusals.length = 0
      await writeFile(path, content)
      await vi.waitFor(() => expect(refusals.join('\n')).toMatch(message), { timeout: 1000 })
    }
    await rm(path)
    await vi.waitFor(() => expect(refusals.join('\n')).toMatch(/cannot be read: ENOENT/), {
      timeout: 1000,
    })
    expect(store?.current().reads.postgres).toBe(10)
    expect(changes).toHaveLength(1)
    await writeFile(path, textWith(20))
    await inForce(20)
  })

  test('the first half of a file that is being written is never in force', async () => {
    await writeFile(path, 'mirror: true\nprimary: postgres\n')
    await start()
    const seen = new Set<string>()
    for (let round = 0; round < 30; round += 1) {
      await writeFile(path, 'mirror: true\n')
      await new Promise((resolve) => setTimeout(resolve, 10))
      await writeFile(path, `mirror: true\nprimary: postgres\nreads: { postgres: ${round} }\n`)
      seen.add(store?.current().primary ?? '')
    }
    await inForce(29)
    expect([...seen]).toEqual(['postgres'])
    expect(changes.filter(([flags]) => flags.primary === 'sqlite')).toEqual([])
  })

  test('a bad or missing file at the start is an error, as there is nothing to keep', async () => {
    await writeFile(path, 'miror: true')
    await expect(start()).rejects.toThrow(
      /flags.yaml: miror is not a flag. Did you mean "mirror"\?/,
    )
    await rm(path)
    await expect(start()).rejects.toThrow(expect.objectContaining({ code: 'FLAGS_INVALID' }))
  })
})

describe('setting flags in a file', () => {
  test('comments, order and the spelling of tables stay, and so does the mode', async () => {
    await chmod(path, 0o640)
    await start()
    const flags = await store?.set({
      reads: { postgres: 25, tables: { users: 50, posts: 1 } },
      shadow: { rehearse: 0 },
      ack: 'both',
    })
    expect(await readFile(path, 'utf8')).toBe(`# How far the move has come.
mirror: true # keep up
reads:
  postgres: 25 # percent
  tables: { Users: 50, posts: 1 }
shadow:
  # Compared reads.
  sample: 5
  rehearse: 0
ack: both
`)
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(store?.current()).toEqual(flags)
    expect(flags?.reads).toEqual({ postgres: 25, tables: { users: 50, posts: 1 } })
    expect(changes.map(([, source]) => source)).toEqual(['call'])
    expect(await readdir(directory)).toEqual(['flags.yaml'])
  })

  test('null takes the own percentage of a table out of the file', async () => {
    await start()
    await store?.set({ reads: { tables: { USERS: null } } })
    expect(await readFile(path, 'utf8')).not.toContain('Users')
    expect(store?.current().reads.tables).toEqual({})
  })

  test('a group that is written as nothing takes a value', async () => {
    await writeFile(path, 'mirror: true\n')
    await start()
    await store?.set({ reads: { tables: { a: 1 } } })
    expect(store?.current().reads).toEqual({ postgres: 0, tables: { a: 1 } })
  })

  test('changes at the same time all take effect', async () => {
    await start()
    const tables = Array.from({ length: 20 }, (_, index) => `t${index}`)
    await Promise.all(
      tables.map(async (table) => store?.set({ reads: { tables: { [table]: 1 } } })),
    )
    expect(Object.keys(store?.current().reads.tables ?? {})).toHaveLength(21)
  })

  test('a symlink stays one and its target is replaced', async () => {
    await rename(path, join(directory, 'real.yaml'))
    await symlink('real.yaml', path)
    await start()
    await store?.set({ mirror: false })
    expect(await readlink(path)).toBe('real.yaml')
    expect(await readFile(join(directory, 'real.yaml'), 'utf8')).toContain(
      'mirror: false # keep up',
    )
  })

  test('a bad patch leaves the file as it is', async () => {
    await start()
    await expect(store?.set({ reads: { postgres: 200 } })).rejects.toThrow(/reads.postgres must be/)
    await expect(store?.set({ read: {} } as never)).rejects.toThrow(/Did you mean "reads"/)
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('nothing can be set while the file is bad, so that no mistake is overwritten', async () => {
    await start()
    await writeFile(path, 'mirror: [')
    await expect(store?.set({ mirror: false })).rejects.toThrow(
      expect.objectContaining({ code: 'FLAGS_INVALID' }),
    )
    expect(await readFile(path, 'utf8')).toBe('mirror: [')
  })

  test('a closed store follows and takes nothing', async () => {
    await start()
    await store?.close()
    await writeFile(path, textWith(10))
    await expect(store?.set({ mirror: false })).rejects.toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    )
    expect(store?.current().reads.postgres).toBe(0)
    expect(refusals).toEqual([])
  })
})
