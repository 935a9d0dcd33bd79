/** Values of the `{name:Type}` parameters in a statement. */
export type Parameters = Record<string, unknown>

/** Options of a statement that returns no rows. */
interface CommandOptions {
  /** The statement may take minutes: it waits for other slow statements, and does not delay ingestion. */
  isLong?: boolean
  /** The statement changes stored rows (ALTER TABLE … DELETE): it runs on the tables of every node of a cluster. */
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
   * Creates an empty view for copies of `tables` from one moment; its `name` has lower-case letters, digits and
   * underscores. Throws UNAVAILABLE when a shard is unreachable.
   */
  view(name: string, tables: readonly string[]): Promise<ClickHouseView>
  /** The whole copies of a table: reference records stand on every node of a cluster, all else is there once. */
  copiesOf(table: string): readonly Pick<ClickHouse, 'rows'>[]
  /** The single nodes with their own tables, which a `command` of any process created there. */
  nodes(): readonly ClickHouseAtNode[]
  close(): Promise<void>
}

/** One node of the store. */
export interface ClickHouseAtNode extends Pick<ClickHouse, 'rows' | 'command'> {
  /** The name for operators: for a server its address without a password. */
  name: string
  /** The names of the views with tables on this node, from any process. */
  views(): Promise<string[]>
  /** Removes the tables of a view from this node, if there are any. */
  dropView(name: string): Promise<void>
}

/**
 * A snapshot of some tables under their own names, and the tables that are created in it. All queries of a view use one
 * node; when that becomes unreachable, the view is lost (UNAVAILABLE).
 */
export interface ClickHouseView extends Pick<ClickHouse, 'rows' | 'stream' | 'command'> {
  /**
   * Copies the tables once; later corrections, deletions and merges do not change the copies. It takes milliseconds per
   * table. Hold the account's commits meanwhile, so that the tables agree with each other.
   */
  take(): Promise<void>
  /** Removes the view and its tables. */
  drop(): Promise<void>
}

/**
 * Settings of a statement whose sub-queries and joins all stay within a call. The records of a call are on one shard,
 * so each shard answers from its own rows. Without them a sub-query runs over all shards, and its answer is sent to
 * each.
 */
export const onEachShard = "distributed_product_mode = 'local', prefer_global_in_and_join = 0"

/** Settings that every statement runs under, embedded or on a server. */
export const sessionSettings: Record<string, string> = {
  output_format_json_quote_64bit_integers: '0',
  // A batch looks up as many as ten thousand ids, which are one parameter.
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
