/** One go over an account's old records. */
export interface Pass {
  /** Ends it at once, to be begun again. */
  signal?: AbortSignal
  /** When it gives way to other accounts, by the clock of `performance.now`. */
  endsAt?: number
}

/** Whether it is another account's turn. Throws when the pass was aborted. */
export function isOver({ signal, endsAt }: Pass): boolean {
  signal?.throwIfAborted()
  return endsAt !== undefined && performance.now() >= endsAt
}
