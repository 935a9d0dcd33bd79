import { localTimeExpression, type OffsetTransition } from '../../domain/period.ts'
import { wholeSecondsExpression } from '../../domain/wholeUnits.ts'

// The values that the feed shows of a call, as ClickHouse expressions over `calls`; each is a String or NULL. They
// contain no text from requests.

/** Whole seconds. */
export const durationSeconds = `toString(${wholeSecondsExpression('duration_seconds')})`

/** The primary language subtag: `en` for `en-US`. */
export const primaryLanguage = "if(isNull(language), NULL, lower(splitByChar('-', ifNull(language, ''))[1]))"

const maxPhrases = 100

/** Phrases and frequencies, most frequent first; equal frequencies keep the order in which they were sent. */
export const wordCloudJson = listJson(`arraySlice(
      arraySort((entry, place) -> (-entry.freq, place), word_cloud, arrayEnumerate(word_cloud)),
      1,
      ${maxPhrases}
    )`)

/**
 * An absent channel is left out. Inside a string value the quotes would be escaped, so the replacement cannot match
 * there.
 */
export const dtmfEventsJson = `replaceAll(${listJson('dtmf_events')}, ',"channel":null', '')`

/** A marker without a note keeps its `null`. */
export const markersJson = listJson('markers')

/** Renders a list as JSON (named tuples become objects); NULL for an empty list. */
export function listJson(list: string): string {
  return `nullIf(toJSONString(${list}), '[]')`
}

/** Joins a list of strings with `|`; `|` and `\` inside an entry are escaped with `\`. */
export function joinedTexts(column: string): string {
  return `arrayStringConcat(arrayMap(entry -> ${escapedEntry('entry')}, ${column}), '|')`
}

/** Markers as `time,type,note` joined with `|` in the same way; `null` for an absent note, NULL without markers. */
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

/** Renders a time as `MM-DD-YYYY h:mm:ss AM/PM` in the account's time zone; requires `renderSettings`. */
export function localTime(column: string, transitions: readonly OffsetTransition[]): string {
  return `formatDateTime(${localTimeExpression(column, transitions)}, '%m-%d-%Y %l:%i:%S %p', 'UTC')`
}

/** Renders a time as RFC 3339 in UTC with milliseconds. */
export function instantJson(column: string): string {
  return `concat('"', replaceOne(toString(${column}), ' ', 'T'), 'Z"')`
}

/** Settings of a statement that renders a page: hours without a leading zero, and small blocks that limit memory. */
export const renderSettings = `SETTINGS
  max_block_size = 2048,
  formatdatetime_format_without_leading_zeros = 1,
  output_format_json_escape_forward_slashes = 0`
