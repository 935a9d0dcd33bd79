import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

const shown = 10

/** Prints the test files that took longest, imports and hooks included. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < shown) return
    const files = modules.map((module) => {
      const { collectDuration, duration } = module.diagnostic()
      return {
        path: relative(process.cwd(), module.moduleId),
        seconds: (collectDuration + duration) / 1000,
      }
    })
    const lines = files
      .toSorted((left, right) => right.seconds - left.seconds)
      .slice(0, shown)
      .map(({ path, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${path}\n`)
    process.stdout.write(`\nThe ten slowest files:\n${lines.join('')}`)
  }
}
