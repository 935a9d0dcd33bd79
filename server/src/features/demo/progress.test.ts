import { expect, test } from 'vitest'
import { type DemoProgress, reportProgress } from './progress.ts'

function collect(isTTY: boolean) {
  const written: string[] = []
  return { written, output: { isTTY, columns: 100, write: (text: string) => written.push(text) } }
}

function at(callsDone: number): DemoProgress {
  return { callsDone, calls: 20_000, records: 0, elapsedMs: 1000, callsPerSecond: 5000, remainingMs: 65_000 }
}

test('a terminal gets one line, written over again', () => {
  const { written, output } = collect(true)
  let now = 0
  const reporter = reportProgress(output, () => now)
  reporter.update(at(5000))
  now = 50
  reporter.update(at(6000))
  now = 200
  reporter.update(at(10_000))
  reporter.finish()
  expect(written).toHaveLength(3)
  expect(written[0]).toContain('5,000 of 20,000 calls (25%), 5,000/s, 1 min 5 s left')
  expect(written[1]).toMatch(/^\r\[#+\.+\] 10,000/)
  expect(written[2]).toBe('\n')
})

test('the line stays within a narrow terminal', () => {
  const written: string[] = []
  reportProgress({ isTTY: true, columns: 30, write: (text) => written.push(text) }).update(at(5000))
  expect(written[0]?.replace('\r', '').replace('\u001B[K', '').length).toBeLessThan(30)
})

test('elsewhere there is a plain line every five seconds, and one at the end', () => {
  const { written, output } = collect(false)
  let now = 0
  const reporter = reportProgress(output, () => now)
  for (now = 0; now < 12_000; now += 1000) reporter.update(at(now))
  reporter.update(at(20_000))
  reporter.finish()
  expect(written).toHaveLength(4)
  expect(written.every((line) => line.endsWith('\n') && !line.includes('\r'))).toBe(true)
  expect(written[3]).toContain('20,000 of 20,000 calls (100%)')
})
