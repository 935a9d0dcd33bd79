import type { Story } from './storyShape.ts'
import { callCenters, plans } from './company.ts'
import { sentimentOf } from './evaluations.ts'
import { summaryOf } from './summary.ts'
import { at, Random } from './random.ts'
import { type Slots, slotsOf } from './slots.ts'
import { isTalk, isTransferred, resolutionOf } from './story.ts'

/** The call itself as a record. */
export function callRecord(story: Story): object {
  const random = new Random(story.world.seed, 'call', story.index)
  const slots = slotsOf(story)
  const { campaign, customer } = story
  const isSpoken = story.segments.length > 0
  return {
    id: story.id,
    channel: campaign.direction === 'inbound' ? random.pick(inboundChannels) : 'phone',
    direction: campaign.direction,
    ...courseOf(story, isSpoken),
    externalEndpoint: random.chance(0.2) ? (customer.landline ?? customer.mobile) : customer.mobile,
    internalEndpoint: campaign.number,
    identity: campaign.identity === 'rut' ? customer.rut : customer.contract,
    language: customer.language === 'spanish' ? 'es-CL' : 'en-US',
    campaignId: campaign.id,
    callCenterId: at(callCenters, story.centerIndex).id,
    queueId: campaign.queueId,
    agentId: (story.person ?? story.bot).id,
    customerId: customer.id,
    engagementId: campaign.engagementId,
    flowVersion: story.flowVersion,
    ...handlingOf(story, random),
    ...analysisOf(story, random, slots),
    ...technicalOf(story, isSpoken),
    attributes: {
      plan: at(plans, customer.planIndex).name,
      comuna: customer.district,
      segmento: customer.segment,
      antiguedad_anos: Math.max(2, customer.years),
      monto_clp: at(plans, customer.planIndex).price,
      ...(story.isOutage ? { incidencia: 'corte_fibra' } : {}),
    },
  }
}

const inboundChannels = [...Array<string>(16).fill('phone'), 'mobile', 'mobile', 'mobile', 'widget']

function courseOf(story: Story, isSpoken: boolean): object {
  const startedAt = new Date(story.startedAt).toISOString()
  if (story.isActive) return { status: 'active', startedAt }
  return {
    status: statusOf(story),
    outcome: outcomeOf(story),
    phase: story.ending === 'error' && story.index % 2 === 0 ? 'ERROR' : 'DONE',
    startedAt,
    endedAt: new Date(story.startedAt + story.durationMs).toISOString(),
    // A call that nobody took has an end but no conversation.
    durationSeconds: isSpoken ? story.durationMs / 1000 : 0,
  }
}

function statusOf(story: Story): string {
  if (story.person) return 'escalated'
  if (story.ending === 'hangUp' || story.ending === 'queueAbandoned') return 'abandoned'
  return story.ending === 'unreachable' || story.ending === 'error' ? 'failed' : 'completed'
}

function outcomeOf(story: Story): string {
  switch (story.ending) {
    case 'solved':
      return story.topic.solvedOutcome ?? 'completed'
    case 'unsolved':
      return story.topic.unsolvedOutcome ?? 'completed'
    case 'personSolved':
    case 'personUnsolved':
      return 'transferred'
    case 'queueAbandoned':
    case 'hangUp':
      return 'abandoned'
    case 'noAnswer':
      return 'no_answer'
    case 'wrongNumber':
      return 'wrong_number'
    default:
      return story.ending
  }
}

function handlingOf(story: Story, random: Random): object {
  const { topic, campaign, customer } = story
  const hasTicket = story.ending === 'unsolved' ? !topic.unsolvedOutcome || topic.hasTicket : topic.hasTicket
  const isClosed = resolutionOf(story) !== undefined && story.ending !== 'hangUp' && story.ending !== 'callback'
  const isTicketed = isClosed && hasTicket && story.ending !== 'queueAbandoned' && campaign.key !== 'collections'
  return {
    transferFunction: isTransferred(story) ? topic.transferFunction : undefined,
    transferDestination: isTransferred(story) ? (campaign.key === 'sales' ? 'Agency' : 'Internal') : undefined,
    requesterId: isTicketed ? 100_000 + (story.ticket % 900_000) : undefined,
    requesterName: isTicketed ? customer.name : undefined,
    ticketsCreated: isTicketed ? [story.ticket] : undefined,
    toolsUsed: isTalk(story) ? topic.tools.slice(0, random.whole(1, topic.tools.length)) : undefined,
    authenticated: story.isAuthenticated,
    escalated: story.person !== undefined,
  }
}

function analysisOf(story: Story, random: Random, slots: Slots): object {
  const notes = summaryOf(story, slots, random)
  if (!isTalk(story) || story.isActive) return { notes, tags: tagsOf(story) }
  const { topic } = story
  return {
    sentiment: sentimentOf(story),
    sentimentScore: story.mood,
    tags: tagsOf(story),
    keywords: topic.keywords.slice(0, random.whole(2, topic.keywords.length)),
    topics: [topic.category, topic.reason],
    resolved: resolutionOf(story),
    incidents: story.isComplaining ? random.whole(1, 3) : random.chance(0.1) ? 1 : 0,
    wordCloud: random.chance(0.7)
      ? topic.phrases.map((phrase, place) => ({ phrase, freq: Math.max(1, random.whole(3, 7) - place) }))
      : undefined,
    notes,
  }
}

function tagsOf(story: Story): string[] {
  const tags: string[] = [story.campaign.direction === 'inbound' ? 'Entrante' : 'Saliente']
  if (story.isComplaining) tags.push('Reclamo')
  if (story.isOutage) tags.push('Falla masiva')
  if (story.person) tags.push('Derivada')
  if (story.survey) tags.push('EPA')
  if (story.customer.language === 'english') tags.push('Inglés')
  if (story.customer.segment === 'Preferente') tags.push('Preferente')
  return tags
}

function technicalOf(story: Story, isSpoken: boolean): object {
  const talk = story.segments[0]
  if (!isSpoken || !talk) return { voicebotAppId: story.campaign.appId }
  return {
    audioChannels: 2,
    speakerChannels: 2,
    agentAudioChannel: 'left',
    speechSessionId: `sa-${story.id}`,
    voicebotAppId: story.campaign.appId,
    voicebotSessionId: `vb-${story.id}`,
    callCenterCallId: story.person ? `pbx-${story.ticket}` : undefined,
    dtmfEvents:
      talk.menuMs > 0
        ? [{ dtmf: story.campaign.menu, timestamp: Math.round(talk.menuMs * 0.8), channel: 'right' }]
        : undefined,
    markers: story.isActive ? undefined : markersOf(story),
  }
}

function markersOf(story: Story): object[] {
  const markers: object[] = []
  for (const segment of story.segments) {
    if (segment.kind === 'bot') {
      markers.push({ time: segment.fromMs, type: 'CC_ANSWER', note: null })
      if (isTransferred(story)) {
        markers.push({ time: segment.toMs, type: 'WARM_TRANSFER_START', note: story.topic.transferFunction })
      }
    } else if (segment.kind === 'person') {
      markers.push({ time: segment.fromMs, type: 'CC_AGENT_ANSWER', note: segment.agent.name })
    } else {
      markers.push({ time: segment.fromMs, type: 'SURVEY_START', note: null })
    }
  }
  if (story.ending === 'queueAbandoned') {
    markers.push({ time: story.durationMs, type: 'WARM_TRANSFER_ABANDON', note: null })
  }
  return markers
}
