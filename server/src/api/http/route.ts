import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, HTTPMethods } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Scope } from '../../domain/scopes.ts'
import type { RateKind } from './rateLimit.ts'

/**
 * How a caller shows who it is. `signed`: an API key and a signature. `key`: an API key or a JWT (a signature is
 * checked when there is one), or a session of the console. `none`: anybody. `link`: the handler checks the link itself.
 */
export type SignIn = 'signed' | 'key' | 'none' | 'link'

/**
 * What becomes of the body. `json`: parsed after sign-in (nothing at all counts as `{}`). `raw`: its bytes.
 * `stream`: its bytes as they arrive; a wrong signature or a body that is too large throws at the end of the loop,
 * so what is made of it must not become visible before. `none`: nothing.
 */
export type BodyKind = 'json' | 'raw' | 'stream' | 'none'

/** What every route must declare; the server refuses to start otherwise. */
export interface RouteRules {
  signIn: SignIn
  /** `none` where nobody signs in. */
  scope: Scope | 'none'
  rate: RateKind
  body: BodyKind
  overLimit?: string | undefined
  /** Goes on while the disk is nearly full, though it writes: little, and needed then. */
  atFullDisk?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    rules?: RouteRules
    /** The name of the surface, put there by the server. */
    surface?: string
    /** Log its requests at debug level only: for what is asked every few seconds. */
    quiet?: boolean
    /** Its answer goes on until its client leaves: that is no failure, and its length is no latency. */
    lasts?: boolean
  }
  interface FastifyRequest {
    /** Who asks, once sign-in is through. */
    caller: Context | null
  }
}

type BodyOf<Kind extends BodyKind, Body extends z.ZodType> = Kind extends 'json'
  ? z.output<Body>
  : Kind extends 'raw'
    ? Buffer
    : Kind extends 'stream'
      ? AsyncIterable<Uint8Array>
      : undefined

/** Fastify's request with the checked parts. */
type CheckedRequest<Params, Query, Body> = Omit<FastifyRequest, 'params' | 'query' | 'body'> & {
  readonly params: Params
  readonly query: Query
  readonly body: Body
}

/** One route of a surface. */
export interface Route<
  S extends SignIn,
  Kind extends BodyKind,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> {
  method: HTTPMethods | HTTPMethods[]
  url: string
  signIn: S
  scope: S extends 'signed' | 'key' ? Scope : 'none'
  rate: S extends 'signed' | 'key' ? RateKind : 'free'
  bodyKind: Kind
  /** Most bytes of the body as sent; 1 MiB by default. */
  bodyLimit?: number
  /** What to do about a longer one; else it is to be sent in parts. */
  overLimit?: string
  /** A fault in the path is answered as RESOURCE_NOT_FOUND: such a thing cannot exist. */
  params?: Params
  query?: Query
  /** For `json` bodies. */
  body?: Body
  /** Answers by status: for the document, and checked in tests. */
  response?: Record<number, z.ZodType | FileAnswer>
  summary?: string
  description?: string
  /** More for the API document, such as tags or what a raw body holds. */
  document?: FastifySchema
  quiet?: boolean
  lasts?: boolean
  /** Goes on while the disk is nearly full, though it writes. */
  atFullDisk?: boolean
  /** What it returns is sent. The context is undefined where nobody signs in. */
  handler(
    context: S extends 'signed' | 'key' ? Context : undefined,
    request: CheckedRequest<z.output<Params>, z.output<Query>, BodyOf<Kind, Body>>,
    reply: FastifyReply,
  ): unknown
}

/** An answer that may be of several types, or is no JSON; streams among them are not checked. */
interface FileAnswer {
  description: string
  content: Record<string, { schema: z.ZodType }>
}

/** The answer of a request that succeeded and has nothing to tell: status 204. */
export const nothing = z.null().describe('Done; without a body')

const defaultBodyLimit = 1024 * 1024

/** Adds a route to a surface. */
export function addRoute<
  S extends SignIn,
  Kind extends BodyKind,
  Params extends z.ZodType = z.ZodUnknown,
  Query extends z.ZodType = z.ZodUnknown,
  Body extends z.ZodType = z.ZodUnknown,
>(server: FastifyInstance, route: Route<S, Kind, Params, Query, Body>): void {
  const { signIn, scope, rate, bodyKind, overLimit, atFullDisk } = route
  const rules: RouteRules = { signIn, scope, rate, body: bodyKind, overLimit, atFullDisk: atFullDisk ?? false }
  server.route({
    method: route.method,
    url: route.url,
    bodyLimit: route.bodyLimit ?? defaultBodyLimit,
    config: { rules, quiet: route.quiet ?? false, lasts: route.lasts ?? false },
    schema: schemaOf(route),
    handler: (request, reply) => route.handler(...checked<S, Kind, Params, Query, Body>(request), reply),
  })
}

/**
 * The server has done what the rules ask for before a handler runs: sign-in has set the caller exactly where one is
 * due, and the schemas have checked and replaced the parts of the request.
 */
function checked<
  S extends SignIn,
  Kind extends BodyKind,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
>(request: FastifyRequest) {
  type Handler = Route<S, Kind, Params, Query, Body>['handler']
  return [request.caller ?? undefined, request] as unknown as [Parameters<Handler>[0], Parameters<Handler>[1]]
}

type AnyRoute = Pick<
  Route<SignIn, BodyKind, z.ZodType, z.ZodType, z.ZodType>,
  'signIn' | 'bodyKind' | 'params' | 'query' | 'body' | 'response' | 'summary' | 'description' | 'document'
>

// The names of the ways to sign in are those of the API document.
const security: Record<SignIn, Record<string, string[]>[]> = {
  signed: [{ apiKey: [], timestamp: [], signature: [] }],
  key: [{ apiKey: [] }, { bearer: [] }],
  none: [],
  link: [],
}

function schemaOf(route: AnyRoute): FastifySchema {
  const described = {
    ...(route.summary === undefined ? {} : { summary: route.summary }),
    ...(route.description === undefined ? {} : { description: route.description }),
    security: security[route.signIn],
  }
  return {
    ...described,
    ...route.document,
    ...(route.params ? { params: route.params } : {}),
    ...(route.query ? { querystring: route.query } : {}),
    ...(route.body && route.bodyKind === 'json' ? { body: route.body } : {}),
    ...(route.response ? { response: route.response } : {}),
  }
}

/** Refuses a route that does not say how it is guarded, or says what cannot be. Part of the server's start. */
export function checkRules(route: { method: string | string[]; url: string; config?: { rules?: RouteRules } }): void {
  const rules = route.config?.rules
  const name = `${String(route.method)} ${route.url}`
  for (const field of ['signIn', 'scope', 'rate', 'body'] as const) {
    if (rules?.[field] === undefined) throw new Error(`The route ${name} does not declare ${field}; use addRoute.`)
  }
  if (!rules) return
  const guarded = rules.signIn === 'signed' || rules.signIn === 'key'
  if (guarded && rules.scope === 'none') throw new Error(`The route ${name} needs a scope, because callers sign in.`)
  if (!guarded && (rules.scope !== 'none' || rules.rate !== 'free')) {
    throw new Error(`The route ${name} has nobody who signs in, so its scope must be none and its rate free.`)
  }
}
