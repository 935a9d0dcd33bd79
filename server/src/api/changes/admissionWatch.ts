import type { FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import { refusalSince } from '../http/stillAdmitted.ts'

type Request = Pick<FastifyRequest, 'headers'>

/** Checks that the callers of long answers and of waiting requests are still admitted. */
export interface AdmissionWatch {
  /**
   * Aborts `end` when the server closes, or with the AppError that would refuse the request now. The returned function
   * stops the watch.
   */
  add(ports: Ports, request: Request, end: AbortController): () => void
}

// The state of a key or session is cached for half a second, so an answer ends within a second.
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
        // The control database is away. Admitted callers stay, because nothing can be read meanwhile.
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
