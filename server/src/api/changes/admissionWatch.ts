import type { FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import { refusalSince } from '../http/stillAdmitted.ts'

type Request = Pick<FastifyRequest, 'headers'>

/** Looks whether those whose answers last, or who wait for one, would still be let in. */
export interface AdmissionWatch {
  /**
   * Until the function that it gives is called: aborts `end` when the server closes, or with the AppError that the request
   * would be refused with by now.
   */
  add(ports: Ports, request: Request, end: AbortController): () => void
}

// With the half second for which a state of a key or session is kept, an answer ends within a second.
const betweenChecksMs = 500

export function createAdmissionWatch(closing: AbortSignal): AdmissionWatch {
  const watched = new Set<{ ports: Ports; request: Request; end: AbortController }>()
  let timer: NodeJS.Timeout | undefined
  closing.addEventListener('abort', () => {
    for (const { end } of watched) end.abort()
  })

  function checkAll(): void {
    for (const { ports, request, end } of watched) {
      refusalSince(ports, request, 'calls:read').then(
        (refusal) => refusal && end.abort(refusal),
        // The control database is away. Whoever was let in stays, as nothing can be read anyway.
        () => {},
      )
    }
  }

  return {
    add(ports, request, end) {
      const entry = { ports, request, end }
      watched.add(entry)
      timer ??= setInterval(checkAll, betweenChecksMs)
      if (closing.aborted) end.abort()
      return () => {
        watched.delete(entry)
        if (watched.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}
