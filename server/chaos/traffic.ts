import { setTimeout as pause } from 'node:timers/promises'

/** What senders and readers saw. */
export interface Traffic {
  /** The last duration of each call that was acknowledged. */
  acknowledged: Map<string, number>
  /** Requests with an answer, and tries without one or that were told to come again. */
  answered: number
  repeated: number
  /** Answers that nobody should ever get. */
  wrong: string[]
  isOver: boolean
}

export function newTraffic(): Traffic {
  return { acknowledged: new Map(), answered: 0, repeated: 0, wrong: [], isOver: false }
}

/** What a server in trouble may say: come again. */
const comeAgain = new Set([429, 503, 507])

/** Sends new calls and corrections of its own ones, each batch until it is acknowledged. */
export async function runSender(
  name: string,
  { url, apiKey, random }: { url: string; apiKey: string; random: () => number },
  traffic: Traffic,
): Promise<void> {
  const own: string[] = []
  for (let batch = 0; !traffic.isOver; batch++) {
    const calls = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, index) => {
      const isCorrection = own.length > 0 && random() < 0.3
      const id = isCorrection ? (own[Math.floor(random() * own.length)] ?? '') : `${name}-${batch}-${index}`
      return { id, durationSeconds: Math.floor(random() * 1000) }
    })
    const records = calls.map((call) => ({
      channel: 'phone',
      status: 'completed',
      startedAt: '2026-05-03T14:05:07Z',
      ...call,
    }))
    const body = JSON.stringify(records)
    while (!(await post(url, { 'X-Api-Key': apiKey, 'Idempotency-Key': `${name}-${batch}` }, body, traffic))) {
      if (traffic.isOver) return
      await pause(50)
    }
    for (const { id, durationSeconds } of calls) {
      if (!traffic.acknowledged.has(id)) own.push(id)
      traffic.acknowledged.set(id, durationSeconds)
    }
  }
}

async function post(url: string, headers: Record<string, string>, body: string, traffic: Traffic): Promise<boolean> {
  const answer = await fetch(`${url}/v1/ingest/calls`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body,
    signal: AbortSignal.timeout(60_000),
  }).catch(() => undefined)
  const text = await answer?.text().catch(() => undefined)
  if (!answer || text === undefined || comeAgain.has(answer.status)) {
    traffic.repeated++
    return false
  }
  traffic.answered++
  if (answer.status !== 200) traffic.wrong.push(`POST /v1/ingest/calls: ${answer.status} ${text.slice(0, 200)}`)
  return answer.status === 200
}

const readings = [
  '/v1/records/calls?limit=50',
  '/v1/changes/calls?limit=50',
  '/api/v1/calls?limit=20',
  '/v1/analytics/summary?dateFrom=2026-05-01&dateTo=2026-05-31',
]

/** Reads from several surfaces: only whole answers, or the word to come again. */
export async function runReader(url: string, apiKey: string, traffic: Traffic): Promise<void> {
  for (let index = 0; !traffic.isOver; index++) {
    const path = readings[index % readings.length] ?? ''
    const answer = await fetch(`${url}${path}`, {
      headers: { 'X-Api-Key': apiKey },
      signal: AbortSignal.timeout(60_000),
    }).catch(() => undefined)
    const text = await answer?.text().catch(() => undefined)
    if (!answer || text === undefined || comeAgain.has(answer.status)) traffic.repeated++
    else {
      traffic.answered++
      if (answer.status !== 200) traffic.wrong.push(`GET ${path}: ${answer.status} ${text.slice(0, 200)}`)
    }
    await pause(20)
  }
}

/** Every call that is there, held against what was acknowledged. */
export async function compareCalls(
  url: string,
  apiKey: string,
  { acknowledged }: Traffic,
): Promise<{ stored: number; lost: string[]; doubled: string[]; changed: string[] }> {
  const durations = new Map<string, number>()
  const numbers = new Set<number>()
  const doubled: string[] = []
  let cursor = ''
  do {
    const answer = await fetch(`${url}/v1/records/calls?limit=1000${cursor}`, { headers: { 'X-Api-Key': apiKey } })
    const page = JSON.parse(await answer.text())
    for (const call of page.data) {
      if (durations.has(call.id) || numbers.has(call.number)) doubled.push(call.id)
      durations.set(call.id, call.durationSeconds)
      numbers.add(call.number)
    }
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : ''
  } while (cursor !== '')
  const lost = [...acknowledged.keys()].filter((id) => !durations.has(id))
  const changed = [...acknowledged].filter(([id, seconds]) => durations.has(id) && durations.get(id) !== seconds)
  return { stored: durations.size, lost, doubled, changed: changed.map(([id]) => id) }
}
