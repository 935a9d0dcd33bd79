import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestApp } from '../test/testApp.ts'
import { createTestDatabase } from '../test/testPostgres.ts'

/** The way to a PostgreSQL that can be cut off. */
async function openWay(socketPath: string): Promise<{ port: number; cut(): void }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const engine = connect(socketPath)
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => other.destroy())
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('a stop does not wait for a PostgreSQL that is gone', async () => {
  const database = await createTestDatabase()
  const { host = '', port, user, database: name } = database.options
  const way = await openWay(join(host, `.s.PGSQL.${port}`))
  const earshot = await openTestApp({ EARSHOT_DATABASE_URL: `postgres://${user}@127.0.0.1:${way.port}/${name}` })
  try {
    earshot.ports.jobs.start()
    const account = await earshot.account()
    const answer = await account.request('POST', '/v1/ingest/agents', [{ id: 'a1', name: 'Ana' }])
    expect(answer.status, answer.text).toBe(200)
  } finally {
    way.cut()
    const begunAt = performance.now()
    await earshot.close()
    expect(performance.now() - begunAt).toBeLessThan(10_000)
    await database.drop()
  }
})
