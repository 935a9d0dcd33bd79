import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'

/** Who is told: of each payload, and of a time in which payloads may have been lost. */
interface Subscriber {
  handler: (payload: string) => void
  missed: () => void
}

export interface Listener {
  /** Begins to tell a subscriber; it is in effect when the promise is kept. Gives a function that ends it. */
  add(channel: string, subscriber: Subscriber): Promise<() => Promise<void>>
  close(): Promise<void>
}

const maxPauseMs = 5_000

/** One connection of its own for all LISTENs of a process, made with the first one and made again when it breaks. */
export function createListener(newClient: () => Client): Listener {
  const channels = new Map<string, Set<Subscriber>>()
  const stopping = new AbortController()
  let connection: Promise<Client> | undefined
  let lastTurn: Promise<unknown> = Promise.resolve()

  async function connect(): Promise<Client> {
    const client = newClient()
    let state: 'opening' | 'open' | 'ended' = 'opening'
    client.once('end', () => {
      if (state === 'open' && !stopping.signal.aborted) reconnect()
      state = 'ended'
    })
    client.on('notification', ({ channel, payload }) => {
      for (const subscriber of channels.get(channel) ?? []) subscriber.handler(payload ?? '')
    })
    try {
      await client.connect()
      for (const channel of channels.keys()) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    state = 'open'
    return client
  }

  function reconnect(): void {
    connection = connectAgain()
    // It only fails when the listener is closed meanwhile.
    connection.catch(() => {})
  }

  async function connectAgain(): Promise<Client> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      await pause(pauseMs, undefined, { signal: stopping.signal })
      const client = await connect().catch(() => undefined)
      if (client) {
        for (const subscribers of channels.values()) for (const { missed } of subscribers) missed()
        return client
      }
    }
  }

  /** The connection when there is one; a broken one is waited for, a first one that fails is tried again next time. */
  function open(): Promise<Client> {
    if (!connection) {
      connection = connect()
      connection.catch(() => (connection = undefined))
    }
    return connection
  }

  async function executeAfter(before: Promise<unknown>, verb: string, channel: string): Promise<void> {
    await before
    const client = await open()
    await client.query(`${verb} ${client.escapeIdentifier(channel)}`)
  }

  /** One statement after the other, as a connection takes them. */
  function execute(verb: 'LISTEN' | 'UNLISTEN', channel: string): Promise<void> {
    const turn = executeAfter(lastTurn, verb, channel)
    lastTurn = turn.catch(() => {})
    return turn
  }

  return {
    add: async (channel, subscriber) => {
      const subscribers = channels.get(channel) ?? new Set()
      channels.set(channel, subscribers.add(subscriber))
      try {
        await execute('LISTEN', channel)
      } catch (error) {
        subscribers.delete(subscriber)
        throw error
      }
      return async () => {
        subscribers.delete(subscriber)
        if (subscribers.size > 0 || stopping.signal.aborted) return
        channels.delete(channel)
        // Not waited for, as the database may be away: nobody is told any more, and the next connection does not listen.
        execute('UNLISTEN', channel).catch(() => {})
      }
    },
    close: async () => {
      stopping.abort()
      const client = await connection?.catch(() => undefined)
      await client?.end().catch(() => {})
    },
  }
}
