/** Values for `{name:Type}` places in a statement. */
export type Parameters = Record<string, unknown>

/** How a statement without an answer is run. */
interface CommandOptions {
  /** May take minutes: waits for others of its kind, and is not in the way of ingestion. */
  isLong?: boolean
  /** Changes rows where they lie (ALTER TABLE … DELETE): runs on the tables of every node of a cluster. */
  onEveryNode?: boolean
}

/** The call data store: one dialect and one interface over the embedded engine, a server and a cluster. */
export interface ClickHouse {
  /** A small answer as objects (64-bit integers come as numbers). */
  rows<Row extends object>(query: string, parameters?: Parameters): Promise<Row[]>
  /** A large answer as the engine's own bytes in `format`, streamed; breaking off the loop cancels the query. */
  stream(query: string, format: string, parameters?: Parameters): AsyncIterable<Uint8Array>
  /** Runs a statement without an answer. */
  command(statement: string, parameters?: Parameters, options?: CommandOptions): Promise<void>
  /**
   * Inserts lines of JSONCompactEachRow for `columns`: one block on each shard, so that it becomes visible there as a
   * whole; of reference records all lines on every node.
   */
  insert(table: string, columns: readonly string[], lines: Buffer): Promise<void>
  /**
   * The store by way of one node alone, where the tables are that are made by way of it; closed with this one. When the
   * node goes away, so does that store (UNAVAILABLE): no other is asked for what only this one has.
   */
  atOneNode(): Promise<ClickHouse>
  /** The whole copies of a table: reference records stand on every node of a cluster, all else is there once. */
  copiesOf(table: string): readonly Pick<ClickHouse, 'rows'>[]
  /** Each node by itself, with the tables of its own: those that a `command` made there, whichever process gave it. */
  nodes(): readonly ClickHouseAtNode[]
  close(): Promise<void>
}

/** One node, asked for itself. */
export interface ClickHouseAtNode extends Pick<ClickHouse, 'rows' | 'command'> {
  /** What operators know it by: of a server its address, without a password. */
  name: string
}

/**
 * Settings of a statement whose sub-queries and joins all follow the call, whose records lie on one shard: each shard
 * answers them from its own rows. Without them a sub-query is answered over all shards, and its answer sent to each.
 */
export const onEachShard = "distributed_product_mode = 'local', prefer_global_in_and_join = 0"

/** Settings that every statement runs under, embedded or on a server. */
export const sessionSettings: Record<string, string> = {
  output_format_json_quote_64bit_integers: '0',
  // A batch probes for up to ten thousand ids, which come as one parameter.
  max_query_size: '268435456',
  // Keeps one batch one block, and so one part, which becomes visible as a whole.
  max_insert_block_size: '1048576',
  // An index over values that a later version corrected must not hide that version.
  use_skip_indexes_if_final: '1',
  use_skip_indexes_if_final_exact_mode: '1',
  // The newest rows of a report are sorted by few columns; the others are read for those rows alone.
  query_plan_max_limit_for_lazy_materialization: '100000',
  // Indexes of words are made when parts are merged: ingestion must not wait for them.
  exclude_materialize_skip_indexes_on_insert: 'turn_words, call_words, caller_parts',
}
