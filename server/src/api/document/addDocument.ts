import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { globalRegistry } from 'zod'
import manifest from '../../../package.json' with { type: 'json' }
import type { RouteRules } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { surfaceDocument, withFailures, type ApiDocument } from './complete.ts'
import type { DescribedRoute } from './failures.ts'

const open: RouteRules = { signIn: 'none', scope: 'none', rate: 'free', body: 'none' }

/**
 * `GET /openapi.json`, made from the schemas of every route, `GET /openapi/{surface}.json` with those of one surface,
 * and `/docs`, their page. Must be called before the surfaces are registered.
 */
export async function addDocument(server: FastifyInstance, surfaces: readonly Surface[]): Promise<void> {
  await addSwagger(server, surfaces)
  await server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, rules: open }
      route.schema = { ...route.schema, hide: true }
    })
    await addPage(scope, surfaces)
    scope.get('/openapi.json', () => server.swagger())
    for (const surface of surfaces) {
      scope.get(`/openapi/${surface.name}.json`, () => surfaceDocument(asApiDocument(server.swagger()), surface))
    }
  })
}

/** The schemas of a route. Keeps the examples of a request as sent, because zod drops them when it transforms values. */
const schemasOf = createJsonSchemaTransform({
  zodToJsonConfig: {
    override({ zodSchema, jsonSchema }) {
      const examples = globalRegistry.get(zodSchema)?.['examples']
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  },
})

async function addSwagger(server: FastifyInstance, surfaces: readonly Surface[]): Promise<void> {
  const routes = new Map<string, DescribedRoute>()
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Earshot',
        version: manifest.version,
        description:
          'A self-hosted call data platform. It stores calls as records and serves them through published APIs.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes },
    },
    transform(given) {
      for (const [name, route] of describedRoutes(given.route, surfaces)) routes.set(name, route)
      return schemasOf(given)
    },
    transformObject(given) {
      const document = asApiDocument(jsonSchemaTransformObject(given))
      return withFailures(document, surfaces, (method, path) => routes.get(`${method} ${path}`)) as object
    },
  })
}

function describedRoutes(
  { method, url, schema, config }: RouteOptions,
  surfaces: readonly Surface[],
): [string, DescribedRoute][] {
  const rules = config?.rules
  const surface = surfaces.find(({ name }) => name === config?.surface)
  if (!rules || !surface) return []
  const path = url.replaceAll(/:(\w+)/g, '{$1}')
  const more = { surface, rules, hasIds: path !== url, hasQuery: schema?.querystring !== undefined }
  return [method].flat().map((name) => {
    const lower = name.toLowerCase()
    return [`${lower} ${path}`, { ...more, method: lower }]
  })
}

/** The parts of the plugin's document; the plugin's own type covers every version of OpenAPI. */
function asApiDocument(document: object): ApiDocument {
  return document as ApiDocument
}

/** As strict as the console's policy: only this server's files, and requests to this server only. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // The hash of the one style sheet that the page's script inserts.
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

async function addPage(scope: FastifyInstance, surfaces: readonly Surface[]): Promise<void> {
  const documents = surfaces.map(({ name }) => ({ url: `/openapi/${name}.json`, name }))
  await scope.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: policy,
    uiConfig: {
      deepLinking: true,
      // The page does not store the key.
      persistAuthorization: false,
      urls: [{ url: '/openapi.json', name: 'all' }, ...documents],
    },
    theme: {
      title: 'Earshot API',
      css: [{ filename: 'earshot.css', content: '.swagger-ui .topbar .link { display: none }' }],
    },
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
