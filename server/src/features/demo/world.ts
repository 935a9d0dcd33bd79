import type { Rhythm } from './rhythm.ts'
import { planRhythm } from './rhythm.ts'
import { clamp, mix } from './random.ts'

const minuteMs = 60_000
const liveMs = 3 * minuteMs

/** What all calls of one demonstration share. */
export interface World {
  seed: number
  /** Part of every id, so that demonstrations with several seeds do not overwrite each other. */
  tag: string
  calls: number
  endsAt: number
  customerCount: number
  rhythm: Rhythm
  /** Calls from this index on are still going on at `endsAt`. */
  firstActive: number
}

/** Prepares a demonstration: `calls` in the `days` before the instant `endsAt` (milliseconds). */
export function planWorld(options: { seed: number; calls: number; days: number; endsAt: number }): World {
  const { seed, calls, days, endsAt } = options
  const active = clamp(Math.floor(calls / 150), 0, 7)
  return {
    seed,
    tag: (mix(seed ^ 0x5bd1e995) >>> 0).toString(36),
    calls,
    endsAt,
    customerCount: clamp(Math.round(calls / 4), 1, 2_000_000),
    rhythm: planRhythm({ seed, calls: calls - active, days, endsAt: active > 0 ? endsAt - liveMs : endsAt }),
    firstActive: calls - active,
  }
}

/** When the call with this index starts. */
export function startOf(world: World, index: number, chance: number): number {
  if (index < world.firstActive) return world.rhythm.startOf(index, chance)
  const step = (liveMs - 20_000) / (world.calls - world.firstActive)
  return Math.floor(world.endsAt - liveMs + (index - world.firstActive + chance) * step)
}
