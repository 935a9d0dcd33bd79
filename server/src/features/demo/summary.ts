import type { Story } from './storyShape.ts'
import type { Random } from './random.ts'
import type { Slots } from './slots.ts'
import { isTalk, isTransferred } from './story.ts'
import { commonScripts } from './texts/common.ts'
import type { Lines } from './texts/script.ts'
import { fill } from './template.ts'

/** Notes that sum the call up in its language: a sentence or two, sometimes three lines under headings. */
export function summaryOf(story: Story, slots: Slots, random: Random): string {
  const common = commonScripts[story.customer.language]
  const pick = (lines: Lines): string => fill(random.pick(lines), slots)
  if (story.isActive) return pick(common.outcomes.active)
  const result = pick(resultOf(story))
  if (!isTalk(story)) return result
  const about = pick(story.topic.scripts[story.customer.language].summary.about)
  const handled = story.person ? pick(common.outcomes.transferred) : undefined
  if (random.chance(0.3)) {
    const [matter, handling, outcome] = common.headings
    const middle = handled === undefined ? '' : `${handling}: ${handled}\n`
    return `${matter}: ${about}\n${middle}${outcome}: ${result}`
  }
  return [about, handled, result].filter((part) => part !== undefined).join(' ')
}

function resultOf(story: Story): Lines {
  const { outcomes } = commonScripts[story.customer.language]
  const { summary } = story.topic.scripts[story.customer.language]
  const { ending } = story
  if (isTransferred(story) && !story.person) return outcomes.queueAbandoned
  if (ending === 'solved' || ending === 'personSolved') return summary.solved
  if (ending === 'unsolved' || ending === 'personUnsolved') return summary.unsolved
  return ending === 'queueAbandoned' ? outcomes.queueAbandoned : outcomes[ending]
}
