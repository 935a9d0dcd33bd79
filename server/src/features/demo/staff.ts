import { bots, callCenters, type CampaignKey, companyName, type Team } from './company.ts'
import type { Language } from './texts/script.ts'
import { at, Random, round } from './random.ts'
import { names } from './texts/names.ts'

/** Someone who takes calls: an AI voice agent or a person. */
export interface Agent {
  id: string
  name: string
  kind: 'Bot' | 'User'
  team: string
  location: string
  isBilingual: boolean
  manager: string | undefined
  email: string | undefined
  /** Added to the scores of the agent's calls. */
  skill: number
}

const teams: readonly Team[] = ['Soporte', 'Comercial', 'Cobranza']
const peopleOfTeam = 5
// The staff is the same for every seed: it belongs to the company, not to the calls.
const random = new Random(20_260_101, 'customer', 0)

const people = callCenters.map((center) =>
  teams.map((team) => {
    const manager = personName()
    return Array.from({ length: peopleOfTeam }, (_, index) => hire(center.location, team, manager, index))
  }),
)

function personName(): string {
  const isWoman = random.chance(0.5)
  const given = random.pick<string>(isWoman ? names.spanish.women : names.spanish.men)
  return `${given} ${random.pick(names.spanish.families)}`
}

function hire(location: string, team: Team, manager: string, index: number): Agent {
  const place = location.normalize('NFD').slice(0, 3).toLowerCase()
  const id = `ag-${place}-${team.slice(0, 3).toLowerCase()}-${index + 1}`
  return {
    id,
    name: personName(),
    kind: 'User',
    team: `${team} ${location}`,
    location,
    isBilingual: index === 0,
    manager,
    email: `${id}@example.com`,
    skill: round(random.between(-0.5, 0.5), 2),
  }
}

const botAgents: readonly Agent[] = bots.map((bot, index) => ({
  id: bot.id,
  name: bot.name,
  kind: 'Bot',
  team: 'Agentes virtuales',
  location: 'Nube',
  isBilingual: bot.language === 'english',
  manager: undefined,
  email: undefined,
  skill: round(0.25 * Math.sin(index * 2.3), 2),
}))

/** Every agent, bots first. */
export const allAgents: readonly Agent[] = [...botAgents, ...people.flat(2)]

/** An AI voice agent that serves a campaign in a language. */
export function pickBot(random: Random, campaign: CampaignKey, language: Language): Agent {
  const fitting = fittingBots[language][campaign]
  return fitting.length === 1 ? at(fitting, 0) : random.pick(fitting)
}

const fittingBots = { spanish: botsByCampaign('spanish'), english: botsByCampaign('english') }

function botsByCampaign(language: Language): Record<CampaignKey, readonly Agent[]> {
  const of = (campaign: CampaignKey) =>
    botAgents.filter(
      (_, index) => at(bots, index).language === language && at(bots, index).campaigns.includes(campaign),
    )
  return {
    support: of('support'),
    billing: of('billing'),
    retention: of('retention'),
    collections: of('collections'),
    sales: of('sales'),
    visits: of('visits'),
    satisfaction: of('satisfaction'),
  }
}

/** A person of a call centre's team; in English a bilingual one. */
export function pickPerson(random: Random, centerIndex: number, team: Team, language: Language): Agent {
  const group = at(at(people, centerIndex), teams.indexOf(team))
  return language === 'english' ? at(group, 0) : random.pick(group)
}

/** An agent as a record. */
export function agentRecord(agent: Agent): object {
  const isBot = agent.kind === 'Bot'
  return {
    id: agent.id,
    name: agent.name,
    email: agent.email,
    externalId: agent.id.toUpperCase(),
    userId: isBot ? undefined : agent.id.replaceAll('-', '.'),
    status: 'Active',
    type: agent.kind,
    hourlyCost: isBot ? undefined : 6500,
    engagementCost: isBot ? 95 : undefined,
    team: agent.team,
    department: isBot ? 'Automatización' : agent.team.split(' ')[0],
    location: agent.location,
    organization: companyName,
    role: isBot ? 'Asistente virtual' : agent.isBilingual ? 'Ejecutivo bilingüe' : 'Ejecutivo',
    managerName: agent.manager,
  }
}
