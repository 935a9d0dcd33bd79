import type { Change } from '../../features/changes/readSegment.ts'
import type { StreamStep } from '../../features/changes/followChanges.ts'
import { AppError } from '../../errors.ts'

/** The pause before a client opens a lost stream again. */
const retryMs = 2000
// Pieces are small, because each piece that a reader takes shows that it is alive.
const pieceCharacters = 16_384

/**
 * The text of a stream as Server-Sent Events. An event `end` with the reason precedes an end by a failure or by the
 * signal. `told` is called with the number of written changes.
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
        // A slow reader must get nothing after its key or session has lost the right to read.
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
  // A client dispatches nothing without data, but it stores the id.
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
