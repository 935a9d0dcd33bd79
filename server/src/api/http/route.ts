import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, HTTPMethods } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Scope } from '../../domain/scopes.ts'
import type { RateKind } from './rateLimit.ts'

/**
 * How a caller signs in. `signed`: an API key and a signature. `key`: an API key or a JWT (a signature is
 * checked when there is one), or a session of the console. `none`: anybody. `link`: the handler checks the link itself.
 */
export type SignIn = 'signed' | 'key' | 'none' | 'link'

/**
 * How the body is read. `json`: parsed after sign-in (an empty body counts as `{}`). `raw`: its bytes.
 * `stream`: its bytes as they arrive; a wrong signature or a body that is too large throws at the end of the loop,
 * so results must not become visible before. `none`: not read.
 */
export type BodyKind = 'json' | 'raw' | 'stream' | 'none'

/** What every route must declare; the server refuses to start otherwise. */
export interface RouteRules {
  signIn: SignIn
  /** `none` for routes without sign-in. */
  scope: Scope | 'none'
  rate: RateKind
  body: BodyKind
  overLimit?: string | undefined
  /** Allowed while the disk is nearly full, because it writes little and is needed then. */
  atFullDisk?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    rules?: RouteRules
    /** The name of the surface, put there by the server. */
    surface?: string
    /** Logs its requests at debug level only, for routes that are polled every few seconds. */
    quiet?: boolean
    /** The answer lasts until the client leaves, so an early end is not a failure and its duration is not a latency. */
    lasts?: boolean
  }
  interface FastifyRequest {
    /** The caller, after sign-in. */
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
  /** Advice for a longer body; the default is to send it in parts. */
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
  /** Allowed while the disk is nearly full, although it writes. */
  atFullDisk?: boolean
  /** Its result is the answer. The context is undefined on routes without sign-in. */
  handler(
    context: S extends 'signed' | 'key' ? Context : undefined,
    request: CheckedRequest<z.output<Params>, z.output<Query>, BodyOf<Kind, Body>>,
    reply: FastifyReply,
  ): unknown
}

/** An answer with several types or without JSON; streams are not checked. */
interface FileAnswer {
  description: string
  content: Record<string, { schema: z.ZodType }>
}

/** The empty answer with status 204. */
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
 * The server applies the rules before a handler runs: sign-in has set the caller exactly on routes that need one, and
 * the schemas have checked and replaced the parts of the request.
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

// The names of the sign-in methods in the API document.
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

/** Refuses a route without valid access rules; runs at the server's start. */
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
