/**
 * @typedef {object} Exclusion
 * @property {string | RegExp} test the full name of a test or of several
 * @property {readonly ('sqlite' | 'postgres')[]} places
 * @property {string} why
 */

/** What each place made of the tests of a suite, beside what the plain driver made of them. */
export function compare(results, exclusions) {
  const plain = outcomes(results.plain)
  return Object.entries(results).map(([place, result]) => {
    const all = outcomes(result)
    const known = exclusions.filter(({ places }) => places.includes(place))
    const failing = [...all].filter(([, { status }]) => status === 'failed')
    const alone = failing.filter(
      ([name]) => place === 'plain' || plain.get(name)?.status !== 'failed',
    )
    const covered = ([name]) => known.some(({ test }) => matches(test, name))
    return {
      place,
      passed: [...all].filter(([, { status }]) => status === 'passed').length,
      skipped: [...all].filter(([, { status }]) => status !== 'passed' && status !== 'failed')
        .length,
      failsPlain: place === 'plain' ? 0 : failing.length - alone.length,
      excluded: alone.filter(covered).length,
      failed: alone.filter((one) => !covered(one)),
      stale: known.filter(({ test }) => !alone.some(([name]) => matches(test, name))),
    }
  })
}

function matches(test, name) {
  return typeof test === 'string' ? test === name : test.test(name)
}

/** By name, with the file before it: a suite may have one name twice. A file that cannot be loaded is one failure. */
function outcomes(result) {
  const all = new Map()
  for (const { name: file, assertionResults, message } of result?.testResults ?? []) {
    const short = file.split('/').at(-1)
    if (assertionResults.length === 0 && !message.startsWith('No test suite found'))
      all.set(`${short}: (file)`, { status: 'failed', messages: [message] })
    for (const { fullName, status, failureMessages } of assertionResults) {
      let name = `${short}: ${fullName}`
      while (all.has(name)) name += ' (again)'
      all.set(name, { status, messages: failureMessages })
    }
  }
  return all
}

export function describeRun(suite, report) {
  const lines = []
  for (const { place, passed, skipped, failsPlain, excluded, failed, stale } of report) {
    for (const [name, { messages }] of failed)
      lines.push(`FAILED on ${place}: ${name}\n    ${firstLines(messages)}`)
    for (const { test } of stale) lines.push(`EXCLUDED, and does not fail on ${place}: ${test}`)
    lines.push(
      `${suite} on ${place}: ${passed} passed, ${failed.length} failed, ${excluded} excluded, ` +
        `${failsPlain} fail with the plain driver too, ${skipped} skipped by the suite`,
    )
  }
  return `${lines.join('\n')}\n`
}

function firstLines(messages) {
  return messages.join('\n').split('\n').slice(0, 4).join('\n    ')
}
