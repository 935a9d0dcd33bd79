/** One pass over an account's old records. */
export interface Pass {
  /** Aborts the pass; it is repeated later. */
  signal?: AbortSignal
  /** When the pass ends in favour of other accounts, as of `performance.now`. */
  endsAt?: number
}

/** Returns whether the pass has used up its time. Throws when it was aborted. */
export function isOver({ signal, endsAt }: Pass): boolean {
  signal?.throwIfAborted()
  return endsAt !== undefined && performance.now() >= endsAt
}
