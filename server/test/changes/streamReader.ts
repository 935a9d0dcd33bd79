import { get, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Json } from '../model/recordsModel.ts'

export interface StreamEvent {
  name: string
  id: string
  data: Json
}

/** A client of a live stream, which reads it as a browser's EventSource does. */
export interface StreamReader {
  status: number
  headers: IncomingMessage['headers']
  events: StreamEvent[]
  /** The last id, of blocks without data too. */
  lastEventId(): string
  comments: string[]
  /** Resolves when the events are so; rejects when that takes too long, with what came. */
  until(isSo: (events: StreamEvent[]) => boolean): Promise<void>
  /** Resolves when the server has ended the stream, with whether it was whole. */
  ended: Promise<boolean>
  close(): void
}

/** Opens a stream and goes on reading it. */
export async function openStream(
  url: string,
  headers: Record<string, string>,
  query = '',
  lastEventId = '',
): Promise<StreamReader> {
  const response = await answerTo(`${url}/v1/changes/stream?${query}`, {
    ...headers,
    ...(lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }),
  })
  const events: StreamEvent[] = []
  const comments: string[] = []
  let id = lastEventId
  const take = (block: string): void => {
    const fields = new Map<string, string>()
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/su.exec(line) ?? []
      if (name === '') comments.push(value)
      else fields.set(name, value)
    }
    id = fields.get('id') ?? id
    const data = fields.get('data')
    if (data !== undefined) events.push({ name: fields.get('event') ?? 'message', id, data: JSON.parse(data) })
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    comments,
    lastEventId: () => id,
    async until(isSo) {
      for (const deadline = Date.now() + 180_000; !isSo(events); await wait(5)) {
        if (Date.now() > deadline) throw new Error(`These events came: ${JSON.stringify(events).slice(-2000)}`)
      }
    },
    ended: readBlocks(response, take).catch(() => false),
    close: () => void response.destroy(),
  }
}

/** On a connection of its own, which ends with the stream. */
function answerTo(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { headers, agent: false }, resolve).once('error', reject))
}

async function readBlocks(response: IncomingMessage, take: (block: string) => void): Promise<boolean> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    text += String(chunk)
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) take(block)
  }
  return true
}

/** The changes among the events: not `live` and `end`. */
export function changesOf(events: StreamEvent[]): StreamEvent[] {
  return events.filter(({ name }) => name !== 'live' && name !== 'end')
}
