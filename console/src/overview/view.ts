import { boundsOf, lastOfMonth, localDay, type ChosenPeriod } from '../calls/period.ts'
import { figures, isFigure, type FigureName } from './figures.ts'

export const granularities = ['daily', 'weekly', 'monthly'] as const
export const dimensions = ['campaigns', 'call-centers', 'executives'] as const

type Granularity = (typeof granularities)[number]
export type DimensionName = (typeof dimensions)[number]

/** The state of the overview, all of which is in the address. */
export interface OverviewView extends ChosenPeriod {
  campaign: string
  callCenter: string
  agent: string
  channel: string[]
  direction: string[]
  language: string[]
  tag: string[]
  granularity: Granularity
  /** The figure in the trend and the breakdown. */
  figure: FigureName
  by: DimensionName
}

const usualPeriod = 'last14Days'
const usualFigure = 'totalCalls'

/** The view of an address. */
export function viewOf(address: URLSearchParams): OverviewView {
  const text = (name: string) => address.get(name) ?? ''
  const list = (name: string) => text(name).split(',').filter(Boolean)
  return {
    period: text('period') || usualPeriod,
    from: text('from'),
    to: text('to'),
    campaign: text('campaign'),
    callCenter: text('center'),
    agent: text('agent'),
    channel: list('channel'),
    direction: list('direction'),
    language: list('language'),
    // A tag may contain commas.
    tag: address.getAll('tag').filter(Boolean),
    granularity: granularities.find((name) => name === text('granularity')) ?? 'daily',
    figure: figureOf(text('figure')),
    by: dimensions.find((name) => name === text('by')) ?? 'campaigns',
  }
}

function figureOf(text: string): FigureName {
  return isFigure(text) ? text : usualFigure
}

/** The address of a view; default values are omitted. */
export function addressOf(view: OverviewView): URLSearchParams {
  const address = new URLSearchParams()
  const given = {
    period: view.period === usualPeriod ? '' : view.period,
    from: view.period === 'custom' ? view.from : '',
    to: view.period === 'custom' ? view.to : '',
    campaign: view.campaign,
    center: view.callCenter,
    agent: view.agent,
    channel: view.channel.join(','),
    direction: view.direction.join(','),
    language: view.language.join(','),
    granularity: view.granularity === 'daily' ? '' : view.granularity,
    figure: view.figure === usualFigure ? '' : view.figure,
    by: view.by === 'campaigns' ? '' : view.by,
  }
  for (const [name, value] of Object.entries(given)) if (value !== '') address.set(name, value)
  for (const tag of view.tag) address.append('tag', tag)
  return address
}

/** Whether a view has filters. */
export function isFiltered(view: OverviewView): boolean {
  const { campaign, callCenter, agent, channel, direction, language, tag } = view
  return [campaign, callCenter, agent, ...channel, ...direction, ...language, ...tag].some((value) => value !== '')
}

/** The view without its filters; the period stays. */
export function withoutFilters(view: OverviewView): OverviewView {
  return { ...view, campaign: '', callCenter: '', agent: '', channel: [], direction: [], language: [], tag: [] }
}

/** The first and last local day; an incomplete custom period uses the day that is set. */
export function daysOf(view: ChosenPeriod, timezone: string): { from: string; to: string } {
  const bounds = boundsOf(view, timezone)
  const today = localDay(new Date(), timezone)
  const [from = today, to = today] = [bounds.from || bounds.to || today, bounds.to || today].toSorted()
  return { from, to }
}

/** Whether a local day has begun. */
export function hasBegun(day: string, timezone: string): boolean {
  return day <= localDay(new Date(), timezone)
}

/**
 * The view as parameters of the analytics API. This month is requested as a whole, because only then is it compared with
 * the same part of the last month.
 */
export function questionOf(view: OverviewView, timezone: string): URLSearchParams {
  const { from, to } = daysOf(view, timezone)
  const dateTo = view.period === 'thisMonth' ? lastOfMonth(to) : to
  const query = new URLSearchParams({ dateFrom: from, dateTo, timezone })
  for (const [name, values] of Object.entries(filtersOf(view)))
    for (const value of values) query.append(name, listed(value))
  return query
}

/** A value in a list; quoted if it contains a comma or begins with a quote or a space. */
function listed(value: string): string {
  return /^[" ]|,/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** The active filters as parameters of the analytics API. */
export function filtersOf(view: OverviewView): Record<string, string[]> {
  const all = {
    campaignId: [view.campaign].filter(Boolean),
    callCenterId: [view.callCenter].filter(Boolean),
    agentId: [view.agent].filter(Boolean),
    channel: view.channel,
    direction: view.direction,
    language: view.language,
    tag: view.tag,
  }
  return Object.fromEntries(Object.entries(all).filter(([, values]) => values.length > 0))
}

/** The address of the calls behind a figure; undefined if the list lacks one of the filters. */
export function callsAddress(
  view: OverviewView,
  more: { status?: string | undefined; campaign?: string; agent?: string } = {},
): string | undefined {
  const isElsewhereOnly = [view.callCenter, ...view.direction, ...view.language, ...view.tag].some(Boolean)
  if (isElsewhereOnly) return undefined
  const given = {
    period: view.period,
    from: view.period === 'custom' ? view.from : '',
    to: view.period === 'custom' ? view.to : '',
    status: more.status ?? '',
    channel: view.channel.join(','),
    campaign: more.campaign ?? view.campaign,
    agent: more.agent ?? view.agent,
  }
  const address = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ''))
  return `/calls?${address.toString()}`
}

/** The requested metrics beyond those of every answer. */
export const moreMetrics = Object.keys(figures).join(',')
