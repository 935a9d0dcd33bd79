import { onEachShard } from '../../../store/clickhouse/clickhouse.ts'
import { manyRowsSettings, type Base, type Bounds, type Statement } from './dataset.ts'
import { engagementFields } from './engagementFields.ts'
import { inWindow, isWanted, windowValues, type Window } from './window.ts'

/**
 * What the files of an export are made from: the engagements, also those made from a call without any, of every call
 * that the window touches, by an engagement's start or by a change. All engagements of such a call are there, because a
 * turn belongs to one by its time; `is_exported` tells those of the file.
 */
export function engagementBase(window: Window): Base {
  return {
    tables: ['calls', 'engagements'],
    select: (bounds, datasets) => selectBase(bounds, window, datasets),
  }
}

function selectBase({ accountId, watermark }: Bounds, window: Window, datasets: readonly string[]): Statement {
  return {
    query: baseQuery(window, datasets),
    parameters: { accountId, lastNumber: watermark.number, ...windowValues(window) },
  }
}

/**
 * Which calls are touched is asked of all stored rows, also of versions that were corrected since: more calls than needed do no
 * harm, and only narrow columns are read. The rows themselves are then read as they are now.
 */
function baseQuery(window: Window, datasets: readonly string[]): string {
  const own = datasets.includes('engagement') ? engagementFields : []
  return `
    WITH
      touched_numbers AS (
        SELECT number
        FROM calls
        WHERE account_id = {accountId:UInt32}
          AND number <= {lastNumber:UInt64}
          AND (
            ${inWindow('started_at')}
            OR ${inWindow('updated_at')}
            ${isPartTouched(datasets)}
          )
      ),
      touched_ids AS (
        SELECT id
        FROM calls
        WHERE account_id = {accountId:UInt32}
          AND number IN (SELECT number FROM touched_numbers)
      )
    SELECT
      joined.*,
      ${isWanted('customer_id', window)} AS is_wanted,
      is_wanted AND (${inWindow('started_at')} OR ${inWindow('updated_at')}) AS is_exported
    FROM (
      SELECT
        call.id AS call_id,
        engagement.id = '' AS is_made,
        if(is_made, call.id, engagement.id) AS id,
        ifNull(engagement.started_at, call.started_at) AS started_at,
        if(is_made, call.updated_at, engagement.updated_at) AS updated_at,
        coalesce(engagement.agent_id, CAST(call.agent_id, 'Nullable(String)')) AS agent_id,
        coalesce(engagement.customer_id, call.customer_id) AS customer_id${own.map(({ column, base }) => `,\n        ${base} AS ${column}`).join('')}
      FROM calls AS call FINAL
      LEFT JOIN (
        SELECT *
        FROM engagements FINAL
        WHERE account_id = {accountId:UInt32}
          AND removed = 0
          AND call_id IN (SELECT id FROM touched_ids)
      ) AS engagement ON engagement.call_id = call.id
      WHERE call.account_id = {accountId:UInt32}
        AND call.removed = 0
        AND call.number IN (SELECT number FROM touched_numbers)
    ) AS joined
    ${manyRowsSettings},
      ${onEachShard}`
}

/**
 * Calls of engagements that started or changed in the window, and of turns and reviews that changed. A list each: an
 * engine that spreads over shards takes no sub-query over several tables.
 */
function isPartTouched(datasets: readonly string[]): string {
  const changed = inWindow('updated_at')
  const parts = [
    ['engagement', 'engagements', `(${inWindow('started_at')} OR ${changed})`],
    ['turn', 'turns', changed],
    ['review', 'reviews', changed],
  ] as const
  return parts
    .filter(([dataset]) => dataset === 'engagement' || datasets.includes(dataset))
    .map(
      ([, table, condition]) => `OR id IN (
              SELECT call_id
              FROM ${table}
              WHERE account_id = {accountId:UInt32}
                AND ${condition}
            )`,
    )
    .join('\n            ')
}

/**
 * The engagements of each call of the base in the order of their starts, to be joined by `call_id`: tuples of start, id,
 * whether it is of a customer that is wanted, agent.
 */
export function engagementsByCall(baseTable: string): string {
  return `SELECT
          call_id,
          arraySort(groupArray((started_at, id, is_wanted))) AS engagements
        FROM ${baseTable}
        GROUP BY call_id`
}

/** The calls of the base whose parts may be exported. */
export function callsOfBase(baseTable: string): string {
  return `SELECT call_id
          FROM ${baseTable}
          WHERE is_wanted`
}

/** The place of the engagement that a part names, in `engagements`; 0 when its call has no such engagement. */
export function namedIndex(column: string): string {
  return `arrayFirstIndex(entry -> entry.2 = ifNull(${column}, ''), engagements)`
}

/** The place of the engagement that a turn without a name belongs to: the last that had started, else the first. */
export function placeAt(column: string): string {
  return `greatest(1, arrayLastIndex(entry -> entry.1 <= ${column}, engagements))`
}
