import type { Campaign, Ending } from './company.ts'
import type { Customer } from './customers.ts'
import type { Hour } from './rhythm.ts'
import type { Agent } from './staff.ts'
import type { Survey } from './survey.ts'
import type { Topic } from './topics.ts'
import type { World } from './world.ts'

/** A stretch of the call with one agent, in milliseconds from the start of the call. */
export interface Segment {
  kind: 'bot' | 'person' | 'survey'
  agent: Agent
  fromMs: number
  toMs: number
  /** Silence within it while the agent looks something up. */
  holdMs: number
  /** The wait before it, after a transfer. */
  waitMs: number
  menuMs: number
}

/** Everything that decides a call; its records and its talk are written from this, so they agree. */
export interface Story {
  world: World
  index: number
  id: string
  startedAt: number
  hour: Hour
  campaign: Campaign
  topic: Topic
  customer: Customer
  centerIndex: number
  bot: Agent
  /** Who takes over after a transfer. */
  person: Agent | undefined
  flowVersion: string
  /** How well the bot, its version and the place do; moves scores. */
  skill: number
  ending: Ending
  isActive: boolean
  isAuthenticated: boolean
  /** Says who is calling first, or what it is about. */
  isMatterFirst: boolean
  isComplaining: boolean
  isOutage: boolean
  /** The customer's mood over the call, -1 to 1. */
  mood: number
  steps: number
  personSteps: number
  hasHold: boolean
  /** Whether the agent asks if there is anything else. */
  asksMore: boolean
  ticket: number
  survey: Survey | undefined
  segments: readonly Segment[]
  durationMs: number
}

/** A story before its times are laid out. */
export type StoryDraft = Omit<Story, 'segments' | 'durationMs'>
