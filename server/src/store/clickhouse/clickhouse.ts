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
   * Makes a place for copies of `tables` that show one moment: its `name` is of small letters, digits and underscores.
   * Throws UNAVAILABLE when a shard is away.
   */
  view(name: string, tables: readonly string[]): Promise<ClickHouseView>
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
  /** The names of the views of which it holds something, whichever process made them. */
  views(): Promise<string[]>
  /** Removes what it holds of a view; nothing happens when that is nothing. */
  dropView(name: string): Promise<void>
}

/**
 * Some tables as they were at one moment, under their own names, and the tables that are made by way of it. All of it is
 * read by way of one node; when that goes away, so does the view (UNAVAILABLE).
 */
export interface ClickHouseView extends Pick<ClickHouse, 'rows' | 'stream' | 'command'> {
  /**
   * Takes the tables as they are, once: later corrections, deletions and merges change nothing here. It takes milliseconds
   * a table; for tables that agree with each other, hold the writers of the account meanwhile.
   */
  take(): Promise<void>
  /** Removes the view with all that was made in it. */
  drop(): Promise<void>
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
