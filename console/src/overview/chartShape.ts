const maxTicks = 5
const secondSteps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]

/** The grid lines of a chart: round numbers from 0 to at least the highest value. */
export function ticksOf(kind: 'count' | 'seconds' | 'points' | 'share', values: readonly (number | null)[]): number[] {
  const highest = Math.max(0, ...values.filter((value) => value !== null))
  if (highest === 0) return [0, 1]
  const rough = highest / (maxTicks - 1)
  const seconds = kind === 'seconds' ? secondSteps.find((length) => length >= rough) : undefined
  const step = seconds ?? Math.max(kind === 'count' ? 1 : 0, roundStep(rough))
  const count = Math.ceil(highest / step)
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

function roundStep(rough: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude
}

/** The horizontal position of a point, from 0 to 100. */
export function placeOf(index: number, count: number): number {
  return count < 2 ? 50 : (index / (count - 1)) * 100
}

/** The path of a line in a box of 100 by 100, with gaps for missing values. */
export function lineOf(values: readonly (number | null)[], max: number): string {
  let isDrawing = false
  const steps = values.map((value, index) => {
    if (value === null) {
      isDrawing = false
      return ''
    }
    const step = `${isDrawing ? 'L' : 'M'}${placeOf(index, values.length).toFixed(3)} ${(100 - (value / max) * 100).toFixed(3)}`
    isDrawing = true
    return step
  })
  return steps.join('')
}

/** The area under a line without gaps; empty for a line with gaps. */
export function areaOf(values: readonly (number | null)[], max: number): string {
  if (values.length < 2 || values.includes(null)) return ''
  return `${lineOf(values, max)}L100 100L0 100Z`
}

/** The places of at most `most` names along the bottom, evenly spread, the last one included. */
export function namedPlaces(count: number, max: number): number[] {
  const every = Math.max(1, Math.ceil(count / max))
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0)
}
