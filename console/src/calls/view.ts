/** The state of the page of calls, all of which is in the address. */
export interface CallsView {
  search: string
  status: string[]
  channel: string[]
  agent: string
  campaign: string
  /** A named period, `custom`, or empty for any time. */
  period: string
  /** Local days of a custom period, both included. */
  from: string
  to: string
  sortBy: SortBy
  sortOrder: 'asc' | 'desc'
  columns: Column[]
  /** From 1, for display; `after` selects the page. */
  page: number
  /** The cursor of the previous page; empty on the first one. */
  after: string
}

export const pageSize = 50

export const columns = [
  'started_at',
  'caller_id',
  'channel',
  'status',
  'duration_seconds',
  'language',
  'tickets_created',
  'authenticated',
  'requester_id',
  'ended_at',
  'id',
] as const

export type Column = (typeof columns)[number]
export type SortBy = 'started_at' | 'duration_seconds'

const usualColumns: Column[] = [
  'started_at',
  'caller_id',
  'channel',
  'status',
  'duration_seconds',
  'language',
  'tickets_created',
]

const columnsKey = 'earshot.calls.columns'

/** The view of an address. Without columns in the address, the last choice in this browser counts. */
export function viewOf(address: URLSearchParams): CallsView {
  const text = (name: string) => address.get(name) ?? ''
  const list = (name: string) => text(name).split(',').filter(Boolean)
  return {
    search: text('q'),
    status: list('status'),
    channel: list('channel'),
    agent: text('agent'),
    campaign: text('campaign'),
    period: text('period'),
    from: text('from'),
    to: text('to'),
    sortBy: text('sort') === 'duration_seconds' ? 'duration_seconds' : 'started_at',
    sortOrder: text('order') === 'asc' ? 'asc' : 'desc',
    columns: chosenColumns(address.get('columns') ?? localStorage.getItem(columnsKey)),
    page: Math.max(1, Math.floor(Number(text('page'))) || 1),
    after: text('after'),
  }
}

function chosenColumns(text: string | null): Column[] {
  const named = text?.split(',') ?? []
  const known = columns.filter((column) => named.includes(column))
  return known.length > 0 ? known : usualColumns
}

/** The address of a view; default values are omitted. */
export function addressOf(view: CallsView): URLSearchParams {
  const address = new URLSearchParams()
  const given = {
    q: view.search,
    status: view.status.join(','),
    channel: view.channel.join(','),
    agent: view.agent,
    campaign: view.campaign,
    period: view.period,
    from: view.period === 'custom' ? view.from : '',
    to: view.period === 'custom' ? view.to : '',
    sort: view.sortBy === 'started_at' ? '' : view.sortBy,
    order: view.sortOrder === 'desc' ? '' : view.sortOrder,
    columns: view.columns.join() === usualColumns.join() ? '' : view.columns.join(','),
    page: view.page === 1 ? '' : String(view.page),
    after: view.after,
  }
  for (const [name, value] of Object.entries(given)) if (value !== '') address.set(name, value)
  return address
}

/** Remembers columns for the next visit. */
export function rememberColumns(chosen: readonly Column[]): void {
  localStorage.setItem(columnsKey, chosen.join(','))
}

/** Whether a view has filters. */
export function isFiltered(view: CallsView): boolean {
  return [view.search, view.agent, view.campaign, view.period, ...view.status, ...view.channel].some(
    (value) => value !== '',
  )
}

/** The view without filters; sorting and columns stay. */
export function withoutFilters(view: CallsView): CallsView {
  const nothing = { search: '', agent: '', campaign: '', period: '', from: '', to: '', after: '' }
  return { ...view, ...nothing, status: [], channel: [], page: 1 }
}
