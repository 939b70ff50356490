/** Five minutes of a figure each second. */
const maxPoints = 300

/** A chart of lines over time; `add` takes one value for each of them. */
export function createChart(element, labels) {
  const strokes = ['--accent', '--good', '--bad']
  const points = [[], ...labels.map(() => [])]
  const axis = {
    stroke: () => color(element, '--quiet'),
    grid: { stroke: () => color(element, '--line') },
    font: '12px system-ui',
  }
  const plot = new uPlot(
    {
      width: element.clientWidth || 300,
      height: 180,
      cursor: { show: false },
      legend: { show: labels.length > 1, live: false },
      scales: { y: { range: (_, min, max) => [0, Math.max(1, max ?? 1)] } },
      axes: [axis, { ...axis, size: 60 }],
      series: [
        {},
        ...labels.map((label, index) => ({
          label,
          stroke: () => color(element, strokes[index]),
          width: 2,
        })),
      ],
    },
    points,
    element,
  )
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', () => plot.redraw(false))
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 180 })).observe(
    element,
  )
  return {
    add(seconds, values) {
      for (const [index, value] of [seconds, ...values].entries()) {
        points[index].push(value)
        if (points[index].length > maxPoints) points[index].shift()
      }
      plot.setData(points)
      element.setAttribute('data-points', String(points[0].length))
    },
  }
}

/** How much a count grew in a second since it was looked at last; null the first time. */
export function createRates() {
  const last = new Map()
  return (name, count, atMs) => {
    const before = last.get(name)
    last.set(name, { count, atMs })
    if (before === undefined || atMs <= before.atMs || count < before.count) return null
    return ((count - before.count) * 1000) / (atMs - before.atMs)
  }
}

/** A canvas does not know the page's variables, nor which of its two colours holds now: an element does. */
function color(element, name) {
  element.style.color = `var(${name})`
  const found = getComputedStyle(element).color
  element.style.color = ''
  return found
}
