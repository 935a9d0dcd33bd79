import type { Change } from '../../features/changes/readSegment.ts'
import type { StreamStep } from '../../features/changes/followChanges.ts'
import { AppError } from '../../errors.ts'

/** After how long a client that lost its stream opens it again. */
const retryMs = 2000
// A reader that takes a piece shows that it is alive, so pieces are small.
const pieceCharacters = 16_384

/**
 * The text of a stream in the form of Server-Sent Events. When it must end because of a failure or the signal's reason, an
 * event `end` says why first. `told` hears of changes that were written.
 */
export async function* eventStream(
  steps: AsyncIterable<StreamStep>,
  signal: AbortSignal,
  told: (changes: number) => void,
): AsyncGenerator<string> {
  yield `retry: ${retryMs}\n\n`
  try {
    for await (const step of steps) {
      for (const piece of piecesOf(step, told)) {
        // A slow reader gets no more of what its key or session may no longer read.
        if (signal.aborted) break
        yield piece
      }
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield endEvent(error)
  }
  if (signal.reason instanceof AppError) yield endEvent(signal.reason)
}

function* piecesOf(step: StreamStep, told: (changes: number) => void): Generator<string> {
  if (step.kind === 'changes') yield* changePieces(step.changes, told)
  else if (step.kind === 'live') yield `event: live\nid: ${step.cursor}\ndata: {}\n\n`
  // Without data nothing is dispatched, but the reader keeps the id.
  else yield `: still here\nid: ${step.cursor}\n\n`
}

function* changePieces(changes: readonly Change[], told: (changes: number) => void): Generator<string> {
  let piece = ''
  for (const { collection, cursor, line } of changes) {
    piece += `event: ${collection}\nid: ${cursor}\ndata: ${line}\n\n`
    told(1)
    if (piece.length < pieceCharacters) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

function endEvent({ code, message }: AppError): string {
  return `event: end\ndata: ${JSON.stringify({ code, message })}\n\n`
}
