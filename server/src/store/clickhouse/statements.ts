import type { ClickHouseView, Parameters } from './clickhouse.ts'
import { piecesOf, type ClickHouseNodes } from './nodes.ts'
import { withLongLists } from './largeParameters.ts'

/** Runs statements on nodes, in their configured database. */
export function statementsOf({
  use,
}: Pick<ClickHouseNodes, 'use'>): Pick<ClickHouseView, 'rows' | 'stream' | 'command'> {
  return {
    async *stream(query, format, parameters) {
      const statement = withLongLists(`${query}\nFORMAT ${format}`, parameters)
      const { node, answer } = await use(async (asked, signal) => {
        const { stream } = await asked.client().exec({ ...statement, abort_signal: signal })
        return { node: asked, answer: stream }
      }, true)
      yield* piecesOf(node, answer)
    },
    rows: <Row extends object>(query: string, parameters?: Parameters) =>
      use(async (node, signal) => {
        const statement = withLongLists(query, parameters)
        const result = await node.client().query({ ...statement, format: 'JSONEachRow', abort_signal: signal })
        return result.json<Row>()
      }, true),
    async command(statement, parameters) {
      // Do not send the statement twice: it may have been executed although its answer was lost.
      await use(
        (node, signal) => node.client().command({ ...withLongLists(statement, parameters), abort_signal: signal }),
        false,
      )
    },
  }
}
