import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from './route.ts'
import { buildServer } from './server.ts'
import { surfaceFinder, type Surface } from './surface.ts'
import { openTestDatabase, type TestApp, type TestDatabase } from './testFrame.ts'

let database: TestDatabase
let process1: TestApp

beforeAll(async () => {
  database = await openTestDatabase()
  process1 = await database.openPorts()
})

afterAll(async () => {
  await process1.close()
  await database.close()
})

function surfaceWith(register: Surface['register']): Surface {
  return { name: 'careless', prefixes: ['/careless'], failure: plainFailure, register }
}

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const
const whole = { ...guarded, body: 'none' } as const

test.each(['signIn', 'scope', 'rate', 'body'] as const)(
  'the server refuses to start with a route that does not declare %s',
  async (field) => {
    const careless = surfaceWith((server) => {
      const rules = { ...whole, [field]: undefined as never }
      server.get('/careless', { config: { rules } }, () => 'everything')
    })
    await expect(buildServer(process1.ports, [careless])).rejects.toThrow(
      `The route GET /careless does not declare ${field}`,
    )
  },
)

test('a route without any declaration, or with one that cannot be, is refused too', async () => {
  const bare = surfaceWith((server) => void server.get('/careless', () => 'everything'))
  await expect(buildServer(process1.ports, [bare])).rejects.toThrow('does not declare signIn')
  const open = surfaceWith((server) => {
    server.get('/careless', { config: { rules: { ...whole, scope: 'none' } } }, () => 'everything')
  })
  await expect(buildServer(process1.ports, [open])).rejects.toThrow('needs a scope')
  const counted = surfaceWith((server) => {
    server.get('/careless', { config: { rules: { ...whole, signIn: 'none', scope: 'none' } } }, () => 'everything')
  })
  await expect(buildServer(process1.ports, [counted])).rejects.toThrow('its rate free')
})

test('a declared route starts', async () => {
  const careful = surfaceWith((server) =>
    addRoute(server, { ...guarded, method: 'GET', url: '/careful', bodyKind: 'none', handler: () => ({}) }),
  )
  const server = await buildServer(process1.ports, [careful])
  await server.close()
})

test('the longest prefix of whole segments finds the surface', () => {
  const surfaces = ['/api/v1/exports', '/api/v1/export', '/api/v1'].map((prefix) => ({
    ...surfaceWith(() => {}),
    name: prefix,
    prefixes: [prefix],
  }))
  const surfaceOf = surfaceFinder(surfaces, { ...surfaceWith(() => {}), name: 'none' })
  const names = ['/api/v1/exports/x', '/api/v1/export', '/api/v1/exportsx', '/api/v2'].map(
    (path) => surfaceOf(path).name,
  )
  expect(names).toEqual(['/api/v1/exports', '/api/v1/export', '/api/v1', 'none'])
})
