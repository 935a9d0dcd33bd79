import { expect, test } from 'vitest'
import { runChaos } from '../chaos/runChaos.ts'

// The short form of `npm run chaos`: a few kinds of harm, in another order each day.

test(
  'harmed while it works, the server loses and doubles nothing and answers nothing wrong',
  { timeout: 300_000 },
  async () => {
    const seed = Math.floor(Date.now() / 86_400_000)
    const report = await runChaos({ minutes: 0.4, seed }, () => {})
    const { lost, doubled, changed, wrong, acknowledged } = report
    expect({ lost, doubled, changed, wrong }, `seed ${seed}`).toEqual({ lost: [], doubled: [], changed: [], wrong: [] })
    expect(acknowledged).toBeGreaterThan(0)
    expect(Object.keys(report.blows).length).toBeGreaterThan(0)
  },
)
