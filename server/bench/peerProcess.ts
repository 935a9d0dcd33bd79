import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process that takes records over HTTP: Earshot or the peer. */
export interface Receiver {
  url: string
  apiKey: string
  stop(): Promise<void>
}

/** The peer in a process of its own, with its PostgreSQL in the folder. */
export async function startPeer(directory: string): Promise<Receiver> {
  const child = fork(new URL('./peerServer.ts', import.meta.url), [directory])
  const ended = once(child, 'exit')
  const [told] = (await once(child, 'message')) as [{ port: number; apiKey: string }]
  return {
    url: `http://127.0.0.1:${told.port}`,
    apiKey: told.apiKey,
    async stop() {
      child.disconnect()
      await ended
    },
  }
}
