import type { ClickHouseView, Parameters } from './clickhouse.ts'
import { piecesOf, type ClickHouseNodes } from './nodes.ts'
import { withLongLists } from './largeParameters.ts'

/** What is asked of nodes, in the database that they are named with. */
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
      // It may have been carried out when its answer is lost, so it is not sent twice.
      await use(
        (node, signal) => node.client().command({ ...withLongLists(statement, parameters), abort_signal: signal }),
        false,
      )
    },
  }
}
