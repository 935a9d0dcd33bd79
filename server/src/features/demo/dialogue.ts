import type { Segment, Story } from './storyShape.ts'
import { at, type Random } from './random.ts'
import { isTransferred } from './story.ts'
import { commonScripts } from './texts/common.ts'
import type { CommonScript, Exchange, Lines, Step, TopicScript } from './texts/script.ts'
import { fill } from './template.ts'
import type { Slots } from './slots.ts'

type Category =
  | 'greeting'
  | 'identification'
  | 'problem'
  | 'diagnosis'
  | 'hold'
  | 'transfer'
  | 'resolution'
  | 'survey'
  | 'farewell'
  | 'voicemail'

/** One thing said, before it has a time. */
export interface Line {
  participant: 'agent' | 'customer'
  text: string
  category: Category
  segment: Segment['kind']
  /** Said after the agent has looked something up. */
  isAfterHold: boolean
}

/** Writes down what is said on a call, from the greeting to the end. */
export function dialogueOf(story: Story, slots: Slots, random: Random): Line[] {
  const talk = new Dialogue(story, slots, random)
  talk.run()
  return talk.lines
}

/** A call's talk while it is being put together. */
class Dialogue {
  readonly lines: Line[] = []
  private readonly story: Story
  private readonly slots: Slots
  private readonly random: Random
  private readonly common: CommonScript
  private readonly script: TopicScript
  private segment: Segment['kind'] = 'bot'
  /** Goes before the agent's next line. */
  private prefix = ''
  private isAfterHold = false

  constructor(story: Story, slots: Slots, random: Random) {
    this.story = story
    this.slots = slots
    this.random = random
    this.common = commonScripts[story.customer.language]
    this.script = story.topic.scripts[story.customer.language]
  }

  run(): void {
    const { common, story } = this
    if (story.ending === 'noAnswer' || story.ending === 'unreachable') return
    if (story.ending === 'voicemail') {
      this.customer(common.machine, 'voicemail')
      this.agent(common.message, 'voicemail')
      return
    }
    if (story.ending === 'wrongNumber') {
      this.agent(common.askPerson, 'greeting')
      this.customer(common.wrongPerson, 'identification')
      this.agent(common.excuseWrong, 'resolution')
      this.customer(common.acceptWrong, 'farewell')
      return
    }
    const isBusy = story.ending === 'callback' && story.campaign.direction === 'outbound'
    if (story.campaign.direction === 'inbound') this.openInbound()
    else this.openOutbound(isBusy)
    if (story.ending === 'error') this.lines.length = Math.min(this.lines.length, 4)
    else this.end(isBusy)
  }

  private openInbound(): void {
    const { common, story, script } = this
    if (story.isMatterFirst) {
      this.agent(common.welcomeMatter, 'greeting')
      this.say('customer', this.pick(common.nameBefore) + this.matter(script.opening), 'problem')
      if (!story.isAuthenticated) return
      this.agent(story.isComplaining ? common.askIdentityComforted : common.askIdentityAfter, 'identification')
      this.customer(common.giveIdentity, 'identification')
      return
    }
    this.agent(common.welcome, 'greeting')
    this.customer(common.name, 'greeting')
    if (story.isAuthenticated) {
      this.agent(common.askIdentity, 'identification')
      this.customer(common.giveIdentity, 'identification')
      this.agent(common.askMatter, 'greeting')
    } else {
      this.agent(common.askMatterUnknown, 'greeting')
    }
    this.say('customer', this.matter(script.opening), 'problem')
  }

  private openOutbound(isBusy: boolean): void {
    const { common, story, script } = this
    this.agent(common.askPerson, 'greeting')
    this.customer(common.confirmPerson, 'greeting')
    if (story.isAuthenticated && !isBusy) {
      this.say('agent', `${this.pick(common.introduce)} ${this.pick(common.askDigits)}`, 'identification')
      this.customer(common.giveDigits, 'identification')
      this.say('agent', `${this.pick(common.thankDigits)} ${this.pick(script.opening)}`, 'problem')
    } else {
      this.say('agent', `${this.pick(common.introduce)} ${this.pick(script.opening)}`, 'problem')
    }
    if (isBusy) {
      this.customer(common.busy, 'problem')
      return
    }
    const complaint = story.isComplaining ? `${this.pick(common.complaintOutbound)} ` : ''
    this.say('customer', complaint + this.pick(script.reaction ?? common.nothingElse), 'problem')
    if (story.isComplaining) this.prefix = this.pick(common.comfortOutbound)
  }

  /** The customer's matter, with a complaint where there is one. */
  private matter(lines: Lines): string {
    const text = this.pick(lines)
    if (!this.story.isComplaining) return text
    this.prefix = this.pick(this.common.comfort)
    return `${text} ${this.pick(this.common.complaint)}`
  }

  private end(isBusy: boolean): void {
    const { ending } = this.story
    if (isBusy) return this.endCallback(this.common.callbackOutbound)
    if (ending === 'hangUp') return this.endHangUp()
    if (ending === 'callback') {
      this.takeFirst(this.script.steps, this.story.steps)
      return this.endCallback(this.common.callback)
    }
    if (isTransferred(this.story)) return this.endTransferred()
    if (ending === 'unsolved' && this.script.refusals) this.take(this.script.refusals, this.story.steps)
    else this.take(this.script.steps, this.story.steps)
    this.settle(ending === 'solved')
  }

  private endCallback(offer: Exchange): void {
    this.exchange(offer, 'resolution')
    this.agent(this.common.callbackDone, 'farewell')
  }

  private endHangUp(): void {
    const steps = this.script.refusals ?? this.script.steps
    const taken = Math.min(this.story.steps, steps.length - 1)
    this.takeFirst(steps, taken)
    this.agent(at(steps, taken).agent, 'diagnosis')
    if (this.random.chance(0.65)) this.customer(this.common.hangUp, 'farewell')
  }

  private endTransferred(): void {
    const { story, script, common } = this
    this.takeFirst(story.ending === 'personSolved' ? script.steps : (script.refusals ?? script.steps), story.steps)
    this.exchange(common.transfer, 'transfer')
    if (!story.person) return
    this.segment = 'person'
    this.prefix = this.pick(common.personHere)
    const isSolved = story.ending === 'personSolved'
    const steps = isSolved ? script.person.slice(-story.personSteps) : script.person.slice(0, story.personSteps)
    for (const step of steps) this.exchange(step, 'diagnosis')
    this.settle(isSolved)
  }

  /** The solution or the refusal, the survey if there is one, and goodbye. */
  private settle(isSolved: boolean): void {
    const { script, common } = this
    const isRated = (this.story.survey?.asked ?? 0) > 0
    if (isSolved) {
      this.exchange(script.solved, 'resolution')
      if (this.story.asksMore) {
        this.agent(common.anythingElse, 'resolution')
        this.customer(common.nothingElse, 'resolution')
      }
    } else if (script.lastOffer) {
      this.agent(script.lastOffer, 'resolution')
      this.customer(script.unsolved.customer, 'resolution')
      this.prefix = `${this.pick(script.unsolved.agent)} `
    } else {
      this.exchange(script.unsolved, 'resolution')
    }
    if (isRated) this.rate()
    else this.agent(this.goodbye(isSolved), 'farewell')
  }

  private goodbye(isSolved: boolean): Lines {
    const { common } = this
    const isInbound = this.story.campaign.direction === 'inbound'
    if (isSolved) return isInbound ? common.farewell : common.farewellOutbound
    if (!isInbound) return common.farewellDeclined
    return this.script.lastOffer ? common.farewellLeaving : common.farewellSorry
  }

  private rate(): void {
    const { survey } = this.story
    this.segment = 'survey'
    this.prefix += this.pick(this.common.surveyIntroduction)
    for (const { question, spoken } of survey?.answers.slice(0, survey.asked) ?? []) {
      this.say('agent', question.spoken[this.story.customer.language], 'survey')
      if (spoken !== undefined) this.say('customer', spoken, 'survey')
    }
    if (survey?.state === 'Completed') this.agent(this.common.surveyThanks, 'farewell')
  }

  /** The first steps, where the talk breaks off before its end. */
  private takeFirst(steps: readonly Step[], count: number): void {
    for (const step of steps.slice(0, count)) this.exchange(step, 'diagnosis')
  }

  /** `count` of the steps in their order, those that must not be missing among them. */
  private take(steps: readonly Step[], count: number): void {
    const chosen = steps.map((step) => step.always === true)
    let left = count - chosen.filter(Boolean).length
    for (let attempt = 0; left > 0 && attempt < 12; attempt++) {
      const place = this.random.whole(0, steps.length - 1)
      if (chosen[place]) continue
      chosen[place] = true
      left--
    }
    const taken = steps.filter((_, place) => chosen[place])
    const holdBefore = this.story.hasHold ? Math.max(1, taken.length - 1) : -1
    for (const [place, step] of taken.entries()) {
      if (place === holdBefore) this.hold()
      this.exchange(step, 'diagnosis')
    }
  }

  private hold(): void {
    this.exchange(this.common.hold, 'hold')
    this.prefix = this.pick(this.common.afterHold)
    this.isAfterHold = true
  }

  private exchange(exchange: Exchange, category: Category): void {
    this.agent(exchange.agent, category)
    this.customer(exchange.customer, category)
  }

  private agent(lines: Lines, category: Category): void {
    this.say('agent', this.pick(lines), category)
  }

  private customer(lines: Lines, category: Category): void {
    this.say('customer', this.pick(lines), category)
  }

  private say(participant: Line['participant'], text: string, category: Category): void {
    const isAgent = participant === 'agent'
    const whole = isAgent ? this.prefix + text : text
    this.lines.push({
      participant,
      text: whole,
      category,
      segment: this.segment,
      isAfterHold: this.isAfterHold && isAgent,
    })
    if (!isAgent) return
    this.prefix = ''
    this.isAfterHold = false
  }

  private pick(lines: Lines): string {
    return fill(this.random.pick(lines), this.slots)
  }
}
