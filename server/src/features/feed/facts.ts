import { localTimeExpression, type OffsetTransition } from '../../domain/period.ts'
import { wholeSecondsExpression } from '../../domain/wholeUnits.ts'

// What the feed shows of a call as ClickHouse expressions over `calls`; every one is a String or NULL. Nothing from outside
// stands in them.

/** A whole number of seconds. */
export const durationSeconds = `toString(${wholeSecondsExpression('duration_seconds')})`

/** The primary subtag: `en` of `en-US`. */
export const primaryLanguage = "if(isNull(language), NULL, lower(splitByChar('-', ifNull(language, ''))[1]))"

const maxPhrases = 100

/** Phrases and their frequencies, the most frequent first; equal ones as they were sent. */
export const wordCloudJson = listJson(`arraySlice(
      arraySort((entry, place) -> (-entry.freq, place), word_cloud, arrayEnumerate(word_cloud)),
      1,
      ${maxPhrases}
    )`)

/** A channel that is absent is left out. Inside a text the quotes would have a `\` before them. */
export const dtmfEventsJson = `replaceAll(${listJson('dtmf_events')}, ',"channel":null', '')`

/** A marker without a note keeps its `null`. */
export const markersJson = listJson('markers')

/** A list as JSON, of objects where it is one of named tuples; NULL without any entry. */
export function listJson(list: string): string {
  return `nullIf(toJSONString(${list}), '[]')`
}

/** A list of texts joined with `|`; inside an entry `|` and `\` have a `\` before them. */
export function joinedTexts(column: string): string {
  return `arrayStringConcat(arrayMap(entry -> ${escapedEntry('entry')}, ${column}), '|')`
}

/** `time,type,note` joined with `|` in the same way; `null` for an absent note. NULL without any. */
export const joinedMarkers = `if(
    empty(markers),
    NULL,
    arrayStringConcat(
      arrayMap(
        marker -> concat(
          toString(marker.time), ',', ${escapedEntry('marker.type')}, ',', ifNull(${escapedEntry('marker.note')}, 'null')
        ),
        markers
      ),
      '|'
    )
  )`

function escapedEntry(entry: string): string {
  return String.raw`replaceAll(replaceAll(${entry}, '\\', '\\\\'), '|', '\\|')`
}

/** `MM-DD-YYYY h:mm:ss AM/PM` on the account's clock; under `timeSettings`. */
export function localTime(column: string, transitions: readonly OffsetTransition[]): string {
  return `formatDateTime(${localTimeExpression(column, transitions)}, '%m-%d-%Y %l:%i:%S %p', 'UTC')`
}

/** RFC 3339 in UTC with milliseconds. */
export function instantJson(column: string): string {
  return `concat('"', replaceOne(toString(${column}), ' ', 'T'), 'Z"')`
}

/** Settings of a statement that renders a page: an hour without a zero before it, blocks that keep memory flat. */
export const renderSettings = `SETTINGS
  max_block_size = 2048,
  formatdatetime_format_without_leading_zeros = 1,
  output_format_json_escape_forward_slashes = 0`
