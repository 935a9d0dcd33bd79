import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Ports } from '../../ports.ts'
import type { AppError } from '../../errors.ts'
import { pathAsSent } from '../auth/signature.ts'

/** The answer to a failure, in the envelope of a surface. */
export interface FailureAnswer {
  status: number
  headers?: Record<string, string>
  /** Sent as JSON. */
  body: unknown
}

/** One published API, or another group of routes with one error envelope. */
export interface Surface {
  name: string
  /** A published API, which ignores unknown parameters. */
  isPublished?: true
  /**
   * Unknown paths and faults below these prefixes are answered in this surface's envelope. A prefix counts by
   * whole segments: `/api/v1/export` is not a prefix of `/api/v1/exports`. The longest wins.
   */
  prefixes: readonly string[]
  /** The envelope. INTERNAL_ERROR has a generic message; the surface chooses 500 or 503. */
  failure(error: AppError, requestId: string): FailureAnswer
  /** The shape of that envelope, for the API document; absent on surfaces with `plainFailure`. */
  failureShape?: z.ZodType
  /** Adds the routes, with `addRoute` from route.ts. */
  register(server: FastifyInstance, ports: Ports): void | Promise<void>
}

/** The path of a request target as the router reads it; repeated slashes count as one. */
export function routedPath(target: string): string {
  return pathAsSent(target).replaceAll(/\/{2,}/g, '/')
}

/** Finds the surface whose prefix is the longest one of a request target's path. */
export function surfaceFinder(surfaces: readonly Surface[], fallback: Surface): (target: string) => Surface {
  const prefixes = surfaces
    .flatMap((surface) => surface.prefixes.map((prefix) => ({ prefix: prefix.replace(/\/+$/, ''), surface })))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  return (target) => {
    const path = routedPath(target)
    return prefixes.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.surface ?? fallback
  }
}
