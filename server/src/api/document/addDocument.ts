import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import manifest from '../../../package.json' with { type: 'json' }
import type { RouteRules } from '../route.ts'

const open: RouteRules = { signIn: 'none', scope: 'none', rate: 'free', body: 'none' }

/** `GET /openapi.json`, made from the schemas of every route, and `/docs`, its page. To be called before the surfaces. */
export async function addDocument(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Earshot',
        version: manifest.version,
        description: 'A self-hosted call data platform: calls come in as records and go out through published APIs.',
      },
      servers: [{ url: '/' }],
      components: { securitySchemes },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  await server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, rules: open }
      route.schema = { ...route.schema, hide: true }
    })
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      uiConfig: { deepLinking: true },
      theme: {
        title: 'Earshot API',
        css: [{ filename: 'earshot.css', content: '.swagger-ui .topbar { display: none }' }],
      },
    })
    scope.get('/openapi.json', () => server.swagger())
  })
}

const securitySchemes = {
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key: ak_live_…' },
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a JWT made from one' },
  timestamp: { type: 'apiKey', in: 'header', name: 'X-Timestamp', description: 'Unix seconds, at most 300 off' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Signature',
    description: 'base64(HMAC-SHA256(secret, "{timestamp}.{METHOD}.{path}.{base64 sha256 of the body}"))',
  },
} as const
