import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { definitions, type MetricName } from '../../src/telemetry/definitions.ts'
import { prometheusName } from '../../src/telemetry/prometheus.ts'
import { projectRoot } from '../support/built.ts'

interface Rule {
  alert: string
  expr: string
  labels: { severity: 'page' | 'ticket' }
  annotations: { runbook: string }
}

const rules = (
  parse(readFileSync(`${projectRoot}config/prometheus/rules.yml`, 'utf8')) as {
    groups: { rules: Rule[] }[]
  }
).groups.flatMap((group) => group.rules)

const board = JSON.parse(readFileSync(`${projectRoot}config/grafana/lockstep.json`, 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}

/** Names that `/metrics` has, those of a histogram's parts included. */
const known = new Set(
  (Object.keys(definitions) as MetricName[]).flatMap((name) =>
    definitions[name].kind === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((end) => `${prometheusName(name)}${end}`)
      : [prometheusName(name)],
  ),
)
const labels = new Set(
  Object.values(definitions).flatMap(({ attributes }) =>
    attributes.map((attribute) => attribute.replaceAll('.', '_')),
  ),
)

/** Words of a query that are neither a metric nor an attribute of one. */
function strangers(expr: string): string[] {
  const words = expr.replaceAll(/"[^"]*"/g, '').match(/\b(lockstep|db)_\w+/g) ?? []
  return words.filter((word) => !known.has(word) && !labels.has(word))
}

test.each(board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
  'the board asks for metrics that there are: %s',
  (_title, expr) => {
    expect(expr).toMatch(/(lockstep|db)_/)
    expect(strangers(expr ?? '')).toEqual([])
  },
)

test.each(rules)('$alert asks for metrics that there are, and its runbook is there', (rule) => {
  expect(strangers(rule.expr)).toEqual([])
  const [file = '', anchor = ''] = rule.annotations.runbook.split('#')
  const headings = readFileSync(`${projectRoot}${file}`, 'utf8').matchAll(/^#+ (.+)$/gm)
  const anchors = [...headings].map(([, words = '']) =>
    words
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
  expect(anchors).toContain(anchor)
})

test('a metric that is not there is found', () => {
  expect(strangers('rate(lockstep_nothing_total{lockstep_place="x"}[5m])')).toEqual([
    'lockstep_nothing_total',
  ])
})

const amtool = ['/usr/bin/amtool', '/usr/local/bin/amtool'].find((path) => existsSync(path))
if (amtool === undefined)
  process.stderr.write('amtool is not installed: the routes of alerts are not tried with it.\n')

describe.skipIf(amtool === undefined)('amtool', () => {
  const file = `--config.file=${projectRoot}config/prometheus/alertmanager.yml`
  const run = (...args: string[]): string =>
    execFileSync(amtool ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  test('takes the configuration of Alertmanager, and sends each alert to who is to have it', () => {
    expect(run('check-config', file.replace('--config.file=', ''))).toContain('SUCCESS')
    const to = { page: 'pages', ticket: 'tickets' }
    for (const {
      alert,
      labels: { severity },
    } of rules)
      expect([
        alert,
        run('config', 'routes', 'test', file, `alertname=${alert}`, `severity=${severity}`).trim(),
      ]).toEqual([alert, to[severity]])
  })
})

const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path))
if (promtool === undefined)
  process.stderr.write('promtool is not installed: the alerts are not tried with it.\n')

describe.skipIf(promtool === undefined)('promtool', () => {
  const run = (...args: string[]): string =>
    execFileSync(promtool ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  test('takes the rules', () => {
    expect(run('check', 'rules', `${projectRoot}config/prometheus/rules.yml`)).toContain(
      `SUCCESS: ${rules.length} rules found`,
    )
  })

  // The files that they name are on other machines.
  test.each(['prometheus', 'compose'])('takes the configuration of %s', (folder) => {
    const file = `${projectRoot}config/${folder}/prometheus.yml`
    expect(run('check', 'config', '--syntax-only', file)).toContain('is valid')
  })

  test('finds each alert firing where it should, and none where all is well', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-rules-'))
    try {
      copyFileSync(`${projectRoot}config/prometheus/rules.yml`, join(folder, 'rules.yml'))
      const cases = readFileSync(`${projectRoot}test/config/rules.test.yml`, 'utf8')
      // An alert without a case would never have been seen firing.
      for (const { alert } of rules) expect(cases).toContain(`alertname="${alert}"`)
      copyFileSync(`${projectRoot}test/config/rules.test.yml`, join(folder, 'rules.test.yml'))
      expect(run('test', 'rules', join(folder, 'rules.test.yml'))).toContain('SUCCESS')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
