import type { Segment, Story } from './storyShape.ts'
import { at, clamp, Random, round } from './random.ts'
import { isTransferred, resolutionOf } from './story.ts'
import { callCenters, companyName, queues } from './company.ts'
import type { Agent } from './staff.ts'

/** One agent's part of a call: a bot that also asks the survey at the end of its own talk has one part, not two. */
export interface EngagementPart {
  id: string
  agent: Agent
  kinds: readonly Segment['kind'][]
  fromMs: number
  toMs: number
  holdMs: number
  waitMs: number
  menuMs: number
}

/** The parts of a call; none where nobody talked. */
export function engagementsOf(story: Story): EngagementPart[] {
  if (story.ending === 'voicemail') return []
  const parts: EngagementPart[] = []
  for (const segment of story.segments) {
    const last = parts.at(-1)
    if (last && last.agent === segment.agent) {
      parts[parts.length - 1] = { ...last, kinds: [...last.kinds, segment.kind], toMs: segment.toMs }
    } else {
      parts.push({ ...segment, id: `${story.id}:${parts.length + 1}`, kinds: [segment.kind] })
    }
  }
  return parts
}

/** The parts of a call as records. */
export function engagementRecords(story: Story): object[] {
  const parts = engagementsOf(story)
  const random = new Random(story.world.seed, 'engagement', story.index)
  return parts.map((part, place) => ({
    ...identityOf(story, part),
    ...courseOf(story, part, place, parts.length),
    ...timesOf(story, part, random),
    ...scoresOf(story, part, random),
    orderAgentEngagements: place + 1,
    totalConversationAgentEngagements: parts.length,
  }))
}

function identityOf(story: Story, part: EngagementPart): object {
  const { campaign, topic, customer } = story
  return {
    id: part.id,
    callId: story.id,
    agentId: part.agent.id,
    customerId: customer.id,
    name: `${campaign.name} – ${customer.name}`,
    conversationId: story.id,
    conversationStartedAt: new Date(story.startedAt).toISOString(),
    channelType: 'VOICE',
    direction: campaign.direction === 'inbound' ? 'Inbound' : 'Outbound',
    type: 'Agent',
    channel: 'Teléfono',
    queue: queues.find((queue) => queue.id === campaign.queueId)?.name,
    team: part.agent.team,
    campaign: campaign.name,
    language: customer.language === 'spanish' ? 'es-CL' : 'en-US',
    topicCategory: topic.category,
    topic: topic.reason,
    reasonCategory: topic.category,
    reason: topic.reason,
    brand: companyName,
    platform: 'Voz',
    flow: part.agent.kind === 'Bot' ? `${campaign.appId}@${story.flowVersion}` : undefined,
    menuPath: part.menuMs > 0 ? `Inicio > ${campaign.name}` : undefined,
    agentLocation: part.agent.location,
    agentRole: part.agent.kind === 'Bot' ? 'Asistente virtual' : 'Ejecutivo',
    agentOrganization: companyName,
    attribute01: at(callCenters, story.centerIndex).name,
  }
}

function courseOf(story: Story, part: EngagementPart, place: number, count: number): object {
  const initiatedBy = place > 0 ? 'Agent' : story.campaign.direction === 'inbound' ? 'Customer' : 'Agent'
  if (story.isActive) return { status: 'Active', initiatedBy }
  const isLast = place === count - 1
  const isPassedOn = !isLast || story.ending === 'queueAbandoned'
  const endedByCustomer =
    story.ending === 'hangUp' || (isLast && story.survey?.state === 'Partial') || story.ending === 'queueAbandoned'
  const resolved = resolutionOf(story)
  return {
    status: 'Completed',
    initiatedBy,
    terminatedBy: endedByCustomer && isLast ? 'Customer' : 'Agent',
    outcome: isPassedOn && part.agent.kind === 'Bot' && isTransferred(story) ? 'Transferred' : 'Handled',
    outcomeType: isPassedOn ? 'Transfer' : 'End',
    resolution: resolved === undefined || isPassedOn ? undefined : resolved ? 'Resolved' : 'Unresolved',
    serviceLevel: part.waitMs > 0 ? (part.waitMs <= 60_000 ? 'Met' : 'Missed') : undefined,
  }
}

function timesOf(story: Story, part: EngagementPart, random: Random): object {
  const totalTime = part.toMs - part.fromMs
  const startedAt = new Date(story.startedAt + part.fromMs).toISOString()
  if (story.isActive) return { startedAt, waitTime: part.waitMs, menuTime: part.menuMs }
  const isPerson = part.agent.kind === 'User'
  const wrapUpTime = isPerson ? Math.round(totalTime * random.between(0.02, 0.06)) : 0
  return {
    startedAt,
    endedAt: new Date(story.startedAt + part.toMs).toISOString(),
    totalTime,
    engagementTime: totalTime - wrapUpTime,
    focusTime: Math.round((totalTime - wrapUpTime) * random.between(0.7, 0.98)),
    holdTime: part.holdMs,
    waitTime: part.waitMs,
    menuTime: part.menuMs,
    wrapUpTime,
    cost: round(isPerson ? (totalTime / 3_600_000) * 6500 : 95, 1),
  }
}

/** Scores by the AI, 0 to 10, on six of ten finished talks. */
function scoresOf(story: Story, part: EngagementPart, random: Random): object | undefined {
  if (story.isActive || resolutionOf(story) === undefined || !random.chance(0.6)) return undefined
  const base = 6.6 + story.mood * 2.4 + (story.skill + part.agent.skill) * 0.5
  const score = (shift: number) => round(clamp(random.normal(base + shift, 0.8), 0, 10), 1)
  return {
    adherence: score(0.6),
    clarity: score(0.8),
    completeness: score(0.2),
    empathy: score(part.agent.kind === 'User' ? 0.5 : 0),
    understanding: score(0.3),
    languageSkills: score(1.2),
    adaptability: score(-0.2),
    customerSatisfaction: score(story.mood * 1.5),
    expressedSatisfaction: score(story.mood * 2),
    severity: round(clamp(random.normal(story.isOutage ? 7 : 4 - story.mood * 2.5, 0.9), 0, 10), 1),
    persuasion: story.campaign.key === 'sales' || story.campaign.key === 'retention' ? score(-0.4) : undefined,
  }
}
