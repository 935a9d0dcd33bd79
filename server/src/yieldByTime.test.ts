import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { yieldByTime } from './yieldByTime.ts'

/** Holds the event loop for some milliseconds. */
function work(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

test('many loops at once hold the event loop no longer than one, and all go on', async () => {
  let stepsOfTurn = 0
  let mostSteps = 0
  let isDone = false
  const stepsOf: number[] = Array(12).fill(0)
  const firstEnd: number[][] = []
  const loop = async (own: number) => {
    const pause = yieldByTime()
    for (let step = 0; step < 20; step++) {
      work(4)
      stepsOfTurn++
      stepsOf[own] = step + 1
      await pause()
    }
    firstEnd.push([...stepsOf])
  }
  const watch = async () => {
    while (!isDone) {
      mostSteps = Math.max(mostSteps, stepsOfTurn)
      stepsOfTurn = 0
      await nextTurn()
    }
  }
  // Let what began before this test end its turn.
  await nextTurn()
  const watching = watch()
  await Promise.all(stepsOf.map(async (_, own) => loop(own)))
  isDone = true
  await watching
  // Every loop does its first step where it is started; after that a turn has room for four of them.
  expect(mostSteps).toBeLessThanOrEqual(stepsOf.length + 4)
  // When the first has ended, none is left far behind.
  expect(Math.min(...(firstEnd[0] ?? []))).toBeGreaterThan(10)
})
