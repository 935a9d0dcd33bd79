import type { Ports } from '../../ports.ts'
import { whereOf } from './conditions.ts'
import { renderSettings } from './facts.ts'
import type { Order } from './order.ts'
import type { PageText } from './pageText.ts'

interface PageRows {
  accountId: number
  numbers: readonly number[]
  order: Order
}

/**
 * Streams the bytes of a page from the engine. Resolves when the first bytes exist, so that a failing statement can
 * still be answered with an error status.
 */
export async function streamPage(ports: Ports, text: PageText, rows: PageRows): Promise<AsyncIterable<Uint8Array>> {
  if (rows.numbers.length === 0) return whole(Buffer.from(text.head + text.tail))
  const pieces = rowPieces(ports, text, rows)[Symbol.asyncIterator]()
  const first = await pieces.next()
  return closing(between(text, first, pieces), pieces)
}

function rowPieces(ports: Ports, text: PageText, { accountId, numbers, order }: PageRows): AsyncIterable<Uint8Array> {
  const where = whereOf(['account_id = {accountId:UInt32}', 'number IN {numbers:Array(UInt64)}', 'removed = 0'])
  return ports.clickhouse.stream(
    `${text.line}
    FROM calls FINAL
    ${where}
    ORDER BY ${order.join(', ')}
    ${renderSettings}`,
    'RawBLOB',
    { ...text.parameters, accountId, numbers },
  )
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * Cancelling the iteration also ends the engine's stream, even before the first read, when a generator's `finally`
 * would not run.
 */
function closing(bytes: AsyncGenerator<Uint8Array>, pieces: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => bytes.next(),
      async return() {
        await pieces.return?.()
        return bytes.return(undefined)
      },
    }),
  }
}

async function* between(
  { head, leftOut = 0, tail }: PageText,
  first: IteratorResult<Uint8Array>,
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head)
  // The result is empty if every call of the page was deleted a moment ago.
  if (!first.done) {
    yield first.value.subarray(leftOut)
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) yield piece.value
  }
  if (tail !== '') yield Buffer.from(tail)
}
