import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { quantile, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

const endpoints = 50
const hanging = 5
const goalRate = 200
const goalMs = 1000
/** Deliveries a second that are tried one after the other until one is not held any more. */
const rates = [500, 1000, 1500, 2000, 3000, 4000]

/**
 * Calls that start, told to fifty endpoints of which five never answer: how long a delivery to the others takes from the
 * call's change to its arrival, and the highest rate at which it stays under a second.
 */
export async function measureWebhooks({ scale, directory }: BenchOptions): Promise<Result> {
  const seconds = Math.max(5, 60 * Math.min(1, scale))
  const receivers = fork(new URL('./webhookReceivers.ts', import.meta.url), [String(endpoints), String(hanging)])
  const [ports] = (await once(receivers, 'message')) as [number[]]
  const server = await startServer(join(directory, 'webhooks'), { EARSHOT_WEBHOOK_PRIVATE: '127.0.0.1' })
  try {
    for (const port of ports) await subscribe(server, port)
    await load(server, receivers, goalRate, 2)
    const goal = await load(server, receivers, goalRate, seconds)
    const figures: Figure[] = [
      {
        label: `${goalRate} deliveries a second for ${Math.round(seconds)} s, median delay`,
        value: goal.median,
        unit: 'ms',
        goal: { text: `under ${goalMs} ms, all arrived`, isMet: isHeld(goal) },
      },
      { label: '99th of 100', value: goal.p99, unit: 'ms' },
      { label: 'arrived of those that were due', value: goal.share * 100, unit: '%' },
      ...(await highest(server, receivers, Math.max(5, seconds / 6))),
    ]
    return { name: `webhooks to ${endpoints} endpoints of which ${hanging} hang`, figures }
  } finally {
    receivers.disconnect()
    await server.stop()
  }
}

interface Load {
  median: number
  p99: number
  /** Of what was due at endpoints that answer, how much had arrived a second after the last call. */
  share: number
}

function isHeld({ median, share }: Load): boolean {
  return median < goalMs && share > 0.99
}

async function highest(server: ServerProcess, receivers: ChildProcess, seconds: number): Promise<Figure[]> {
  let held: { rate: number; load: Load } | undefined
  for (const rate of rates) {
    const measured = await load(server, receivers, rate, seconds)
    if (!isHeld(measured)) break
    held = { rate, load: measured }
  }
  return [
    { label: 'highest rate that is held', value: held?.rate ?? goalRate, unit: '/s' },
    ...(held ? [{ label: 'median delay at that rate', value: held.load.median, unit: 'ms' }] : []),
    { label: 'memory of the server afterwards', value: server.memory(), unit: 'MiB' },
  ]
}

async function subscribe(server: ServerProcess, port: number): Promise<void> {
  await post(server, '/api/v1/webhooks', { url: `http://127.0.0.1:${port}/`, events: ['call.started'] }, 201)
}

let nextCall = 1

/** Sends as many calls a second as make `perSecond` deliveries, evenly. */
async function load(server: ServerProcess, receivers: ChildProcess, perSecond: number, seconds: number): Promise<Load> {
  await arrived(receivers)
  const calls = Math.round((perSecond * seconds) / endpoints)
  const began = performance.now()
  const sent: Promise<void>[] = []
  for (let call = 0; call < calls; call++) {
    await wait(Math.max(0, began + (call * seconds * 1000) / calls - performance.now()))
    const startedAt = new Date().toISOString()
    const body = {
      id: `w${nextCall++}`,
      channel: 'phone',
      status: 'active',
      startedAt,
      externalEndpoint: '+56912345678',
    }
    sent.push(post(server, '/v1/ingest/calls', body, 200))
  }
  await Promise.all(sent)
  await wait(1000)
  const delays = await arrived(receivers)
  const due = calls * (endpoints - hanging)
  return { median: quantile(delays, 0.5), p99: quantile(delays, 0.99), share: delays.length / due }
}

async function arrived(receivers: ChildProcess): Promise<number[]> {
  const answer = once(receivers, 'message')
  receivers.send('read')
  const [delays] = (await answer) as [number[]]
  return delays
}

async function post(server: ServerProcess, path: string, body: object, status: number): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'X-Api-Key': server.key.apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status !== status) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`)
  await answer.arrayBuffer()
}
