import { hash } from 'node:crypto'

// Believable records of about 500 bytes a call and 350 bytes a turn, the same for every run.

const firstStart = Date.UTC(2026, 0, 1)
const gapMs = 1500
const statuses = ['completed', 'completed', 'completed', 'escalated', 'abandoned']
const outcomes = ['completed', 'transferred', 'no_answer', 'callback']
const sentiments = ['positive', 'neutral', 'negative']
const topics = ['boleta', 'reclamo', 'corte', 'pago', 'traslado', 'plan', 'visita', 'garantía']
const notes = 'Cliente consulta por el cobro del mes; se explica el detalle.'
const utterances = [
  'Buenos días, le habla Camila, ¿en qué le puedo ayudar?',
  'Hola, llamo porque me llegó una boleta mucho más alta que la del mes pasado y quiero saber por qué.',
  'Déjeme revisar su cuenta, por favor. ¿Me confirma su RUT?',
  'Sí, claro.',
  'Veo que hay un ajuste por el cambio de plan que hizo en abril; se lo explico en detalle.',
]

function pick<T>(list: readonly T[], seed: number): T | undefined {
  return list[seed % list.length]
}

/** Spreads an index, so that neighbours have little in common. */
function spread(index: number): number {
  return (Math.imul(index ^ 0x9e3779b9, 0x85ebca6b) >>> 8) % 1_000_003
}

function callId(index: number): string {
  return hash('md5', `call ${index}`)
}

export function callOf(index: number): Record<string, unknown> {
  const seed = spread(index)
  return {
    id: callId(index),
    channel: 'phone',
    direction: seed % 9 === 0 ? 'outbound' : 'inbound',
    status: pick(statuses, seed),
    outcome: pick(outcomes, seed),
    startedAt: new Date(firstStart + index * gapMs).toISOString(),
    durationSeconds: 20 + (seed % 600),
    externalEndpoint: `+569${String(10_000_000 + (seed % 400_000)).padStart(8, '0')}`,
    internalEndpoint: `+5622${String(400_000 + (seed % 20))}`,
    identity: `${String(seed * 7)}-${seed % 10}`,
    campaignId: `campaign-${seed % 20}`,
    callCenterId: `center-${seed % 5}`,
    agentId: `agent-${seed % 200}`,
    flowVersion: `v${seed % 7}.2`,
    sentiment: pick(sentiments, seed),
    sentimentScore: ((seed % 200) - 100) / 100,
    topics: [pick(topics, seed + 5)],
    resolved: seed % 3 !== 0,
    notes,
    attributes: { plan: `plan ${seed % 12}`, visits: seed % 30 },
  }
}

/** What a sender learns later: part of a call it sent before. */
function correctionOf(index: number): Record<string, unknown> {
  const seed = spread(index)
  return {
    id: callId(index),
    status: 'completed',
    durationSeconds: 700 + (seed % 60),
    resolved: true,
    notes: `${notes} Corregida.`,
  }
}

function turnOf(index: number): Record<string, unknown> {
  const call = Math.floor(index / 20)
  const place = index % 20
  return {
    id: `${callId(call)}-${place}`,
    callId: callId(call),
    participant: place % 2 === 0 ? 'agent' : 'customer',
    text: pick(utterances, spread(index)),
    at: new Date(firstStart + call * gapMs + place * 4000).toISOString(),
    durationMs: 3500,
    type: 'speech',
    sentiment: ((spread(index) % 200) - 100) / 100,
    confidence: 0.93,
    language: 'es-CL',
  }
}

const batchSize = 10_000

/**
 * The batches of one of several senders of calls: 10,000 records each, a fifth of them corrections of calls of the
 * batch before. Senders share no call.
 */
export function* callBatches(sender: number, batches: number): Generator<Record<string, unknown>[]> {
  const start = sender * batches * batchSize
  let next = start
  for (let batch = 0; batch < batches; batch++) {
    const corrections = batch === 0 ? 0 : batchSize / 5
    const records: Record<string, unknown>[] = []
    for (let index = 0; index < batchSize - corrections; index++) records.push(callOf(next + index))
    for (let index = 1; index <= corrections; index++) records.push(correctionOf(next - index))
    next += batchSize - corrections
    yield records
  }
}

export function* turnBatches(sender: number, batches: number): Generator<Record<string, unknown>[]> {
  for (let batch = 0; batch < batches; batch++) {
    const start = (sender * batches + batch) * batchSize
    yield Array.from({ length: batchSize }, (_, index) => turnOf(start + index))
  }
}

export function ndjson(records: Record<string, unknown>[]): Buffer {
  return Buffer.from(records.map((record) => JSON.stringify(record)).join('\n'))
}
