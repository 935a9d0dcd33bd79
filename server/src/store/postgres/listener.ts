import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'

/** The callbacks of a subscriber: for each payload, and after a time in which payloads may have been lost. */
interface Subscriber {
  handler: (payload: string) => void
  missed: () => void
}

export interface Listener {
  /** Adds a subscriber; it receives payloads once the promise resolves. Returns a function that removes it. */
  add(channel: string, subscriber: Subscriber): Promise<() => Promise<void>>
  close(): Promise<void>
}

const maxPauseMs = 5_000

/** One separate connection for all LISTENs of a process, opened with the first one and opened again when it breaks. */
export function createListener(newClient: () => Client): Listener {
  const channels = new Map<string, Set<Subscriber>>()
  const stopping = new AbortController()
  let connection: Promise<Client> | undefined
  let lastExecution: Promise<unknown> = Promise.resolve()

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
    // This only fails when the listener is closed meanwhile.
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

  /**
   * The open connection, or the one that is being opened; a first connection that fails is opened again at the next
   * call.
   */
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

  /** Executes one statement after the other. */
  function execute(verb: 'LISTEN' | 'UNLISTEN', channel: string): Promise<void> {
    const execution = executeAfter(lastExecution, verb, channel)
    lastExecution = execution.catch(() => {})
    return execution
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
        // Do not wait, because the database may be unreachable: no subscriber is left, and the next connection does not
        // listen.
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
