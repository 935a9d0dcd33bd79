/** One measured figure. */
export interface Figure {
  label: string
  value: number
  unit: string
  /** What it is held against, and the quotient: above 1 is better than the other. */
  against?: { what: string; ratio: number }
  goal?: { text: string; isMet: boolean }
}

export interface Result {
  name: string
  figures: Figure[]
}

/** The options that every measurement gets. */
export interface BenchOptions {
  /** How much larger or smaller than usual, 1 being the documented size. */
  scale: number
  /** A folder of its own, removed afterwards. */
  directory: string
}

export function rate(count: number, milliseconds: number): number {
  return Math.round(count / (milliseconds / 1000))
}

export function median(values: number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** The middle of several runs, after one that warms up. */
export async function medianTime(work: () => Promise<unknown>, runs = 5): Promise<number> {
  await work()
  const times: number[] = []
  for (let run = 0; run < runs; run++) times.push(await timed(work))
  return median(times)
}

export function tableOf({ name, figures }: Result): string {
  const rows = figures.map(({ label, value, unit, against, goal }) => [
    label,
    `${format(value)} ${unit}`,
    against ? `${against.ratio.toFixed(2)} x ${against.what}` : '',
    goal ? `${goal.isMet ? 'met' : 'NOT MET'}: ${goal.text}` : '',
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${name}\n${lines.map((line) => `  ${line}`).join('\n')}\n`
}

function format(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 })
}
