import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { linesOf } from './curve.js'

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

const size = { width: 760, height: 420 }
const light = { ground: '#ffffff', ink: '#24292f', grid: '#d8dee4' }
const dark = { ground: '#0d1117', ink: '#e6edf3', grid: '#30363d' }
/** Each stands out from both grounds at 3:1 or more, and each series has a mark of its own for those who see no colours. */
const colours = ['#2f81f7', '#c4560b', '#1a8f5a', '#a259c4', '#7d8590']
const marks = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle']

/** The chart's renderer knows one set of colours: where a reader prefers dark, a style replaces them by what they are. */
const darkStyle = `<style>@media (prefers-color-scheme: dark) {
${Object.entries(light)
  .map(([role, colour]) => {
    const instead = dark[/** @type {keyof typeof dark} */ (role)]
    return `[fill="${colour}"] { fill: ${instead} } [stroke="${colour}"] { stroke: ${instead} }`
  })
  .join('\n')}
}</style>`

/**
 * A chart of one curve, as an SVG document that is readable on light and dark pages.
 * @param {import('./curve.js').Curve} curve
 * @param {readonly import('./figure.js').Figure[]} figures of its trial
 * @returns {string}
 */
export function chartOf(curve, figures) {
  const lines = linesOf(curve, figures)
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  chart.setOption({
    animation: false,
    color: colours,
    backgroundColor: light.ground,
    textStyle: { fontSize: 13 },
    title: {
      text: curve.title,
      left: 'center',
      top: 12,
      textStyle: { color: light.ink, fontSize: 16 },
    },
    // Without a document texts are measured roughly, so that a legend's need room between them.
    legend: { bottom: 8, itemGap: 36, textStyle: { color: light.ink, fontSize: 13 } },
    grid: { left: 84, right: 48, top: 60, bottom: 92 },
    xAxis: xAxis(curve, lines),
    yAxis: yAxis(curve, lines),
    series: lines.map(({ series, points }, index) => ({
      type: 'line',
      name: series,
      data: points,
      symbol: marks[index % marks.length],
      symbolSize: 9,
      silent: true,
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg.replace('>', `>\n${darkStyle}`)
}

/** @typedef {ReturnType<typeof linesOf>} Lines */

const axis = {
  nameLocation: /** @type {const} */ ('middle'),
  nameTextStyle: { color: light.ink, fontSize: 13 },
  axisLine: { lineStyle: { color: light.ink } },
  splitLine: { lineStyle: { color: light.grid } },
}
const label = { color: light.ink, fontSize: 12, formatter: shortNumber }

/**
 * What grows, grows by factors; its marks are where something was measured.
 * @param {import('./curve.js').Curve} curve
 * @param {Lines} lines
 */
function xAxis({ grows }, lines) {
  const measured = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))]
  return {
    ...axis,
    type: /** @type {const} */ ('log'),
    name: grows,
    nameGap: 28,
    min: Math.min(...measured),
    max: Math.max(...measured),
    axisTick: { customValues: measured },
    axisLabel: { ...label, customValues: measured },
    splitLine: { show: false },
  }
}

/** Above this ratio of the greatest value to the least, lines on a linear axis cannot be told apart below. */
const mostLinear = 10

/**
 * @param {import('./curve.js').Curve} curve
 * @param {Lines} lines
 */
function yAxis({ measures, unit }, lines) {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value))
  const isWide = Math.max(...values) > mostLinear * Math.min(...values)
  return {
    ...axis,
    type: isWide ? /** @type {const} */ ('log') : /** @type {const} */ ('value'),
    name: `${measures} (${unit})`,
    nameGap: 60,
    axisLabel: label,
  }
}

/** @param {number} value */
function shortNumber(value) {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
