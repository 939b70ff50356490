import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { freePort } from '../../src/demo/free-port.ts'
import { built, projectRoot } from '../support/built.ts'
import { createDatabase } from '../support/postgres.ts'

const read = (file: string): string => readFileSync(`${projectRoot}${file}`, 'utf8')

test('the Dockerfile has nothing that a linter finds wrong', () => {
  expect(validate(read('Dockerfile'))).toEqual([])
  expect(validate('FROM node:20\nRUM npm ci\nMAINTAINER x')).toHaveLength(2)
})

describe('compose.yaml', () => {
  interface ComposeService {
    readonly ports?: readonly string[]
    readonly volumes?: readonly string[]
    readonly secrets?: readonly string[]
    readonly depends_on?: Record<string, { condition: string }> | readonly string[]
    readonly healthcheck?: unknown
    readonly image: string
  }
  const text = read('compose.yaml')
  const compose = parse(text, { merge: true }) as {
    services: Record<string, ComposeService>
    volumes: object
    secrets: object
  }
  const services = Object.entries(compose.services)

  test('has an application, PostgreSQL, Lockstep, Prometheus and Grafana, with no other keys than Compose knows', () => {
    expect(services.map(([name]) => name)).toEqual([
      'application',
      'lockstep',
      'postgres',
      'prometheus',
      'grafana',
    ])
    // https://github.com/compose-spec/compose-spec/blob/main/05-services.md
    const known =
      /^(build|cap_drop|command|depends_on|entrypoint|environment|healthcheck|image|ports|read_only|restart|secrets|security_opt|tmpfs|volumes)$/
    for (const [, service] of services)
      for (const key of Object.keys(service)) expect(key).toMatch(known)
  })

  test.each(services)(
    '%s mounts what is there, and listens on loopback alone',
    (_name, service) => {
      const sources = (service.volumes ?? []).map((mount) => mount.split(':')[0] ?? '')
      const isThere = (source: string): boolean =>
        source.startsWith('./')
          ? existsSync(projectRoot + source)
          : Object.hasOwn(compose.volumes, source)
      expect(sources.filter((source) => !isThere(source))).toEqual([])
      for (const secret of service.secrets ?? [])
        expect(Object.keys(compose.secrets)).toContain(secret)
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
      expect(service.image).toMatch(/:\S+$/)
    },
  )

  test.each(services)(
    '%s waits only for what says when it is healthy',
    (_name, { depends_on = {} }) => {
      for (const [name, { condition }] of Array.isArray(depends_on)
        ? []
        : Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy')
        expect(compose.services[name]).toHaveProperty('healthcheck')
      }
    },
  )

  test('has no password in it', () => {
    for (const line of text.match(/^.*(PASSWORD|TOKEN).*$/gm) ?? [])
      expect(line).toMatch(/\$\{[A-Z_]+:\?\}|environment: [A-Z_]+ \}/)
  })
})

test('the application of the example keeps a note, through Lockstep', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-example-'))
  const database = await createDatabase()
  const port = await freePort()
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    LOCKSTEP_SQLITE: join(folder, 'app.db'),
    DATABASE_URL: database.url,
  }
  built('bundle/index.js')
  const child = spawn(process.execPath, [`${projectRoot}config/compose/application.js`], { env })
  try {
    const url = `http://127.0.0.1:${port}`
    const answers = (): Promise<boolean> =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    await expect.poll(answers, { timeout: 30_000 }).toBe(true)
    await fetch(url, { method: 'POST', body: 'a first note' })
    expect(await (await fetch(url)).json()).toEqual([{ id: 1, text: 'a first note' }])
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    await database.drop()
    rmSync(folder, { recursive: true })
  }
})

describe('the manifests for Kubernetes', () => {
  const models = { Deployment, Service, PersistentVolumeClaim }
  const manifests = parseAllDocuments(read('config/kubernetes/lockstep.yaml')).map(
    (document) => document.toJS() as { kind: keyof typeof models },
  )

  test.each(manifests)('of kind $kind fit its schema', (manifest) => {
    expect(() => new models[manifest.kind](manifest as never).validate()).not.toThrow()
  })

  test('that are wrong are found', () => {
    const wrong = {
      ...manifests.find(({ kind }) => kind === 'Service'),
      spec: { ports: [{ port: 'x' }] },
    }
    expect(() => new Service(wrong as never).validate()).toThrow('port')
  })
})

describe('the unit for systemd', () => {
  const isThere = existsSync('/usr/bin/systemd-analyze')

  test.skipIf(!isThere)('has nothing that systemd-analyze finds wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-unit-'))
    const verify = (text: string): string => {
      const file = join(folder, 'lockstep.service')
      // The command is not installed where this runs.
      writeFileSync(file, text.replace('/usr/bin/lockstep', process.execPath))
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
      })
      return stderr
    }
    try {
      const unit = read('config/systemd/lockstep.service')
      expect(verify(unit)).not.toContain('lockstep.service')
      expect(verify(unit.replace('Restart=', 'Restrat='))).toContain('Restrat')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
