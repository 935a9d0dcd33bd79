import { parse } from 'node:querystring'

/** The parameters of a query: a text each, or those of one that comes several times in their order. */
export type QueryParameters = Record<string, string | string[]>

/**
 * Reads a query. `name[]` and `name[0]`, `name[1]` …, as PHP and others write lists, mean `name`; numbered ones stand in the
 * order of their numbers.
 */
export function readQuery(text: string): QueryParameters {
  const given = Object.entries(parse(text, '&', '=', { maxKeys: 0 })).map(([key, value = '']) => {
    const { name = key, number = '' } = listName.exec(key)?.groups ?? {}
    return { name, number: Number(number), value }
  })
  const query: QueryParameters = Object.create(null)
  for (const { name, value } of given.toSorted((left, right) => left.number - right.number)) {
    const before = query[name]
    query[name] = before === undefined ? value : [before, value].flat()
  }
  return query
}

const listName = /^(?<name>[^[\]]+)\[(?<number>\d{0,9})\]$/

/**
 * The values of a comma-separated text. A space after a comma is ignored. A value that holds a comma, or begins with a
 * quote or a space, is in double quotes, with each inner quote doubled. An empty text holds no value.
 */
export function splitList(text: string): string[] {
  if (text === '') return []
  const values: string[] = []
  const pattern = new RegExp(listEntry)
  for (let end = 0; end <= text.length;) {
    pattern.lastIndex = end
    const [whole = '', quoted, plain = ''] = pattern.exec(text) ?? []
    values.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    end += whole.length + 1
    while (text[end] === ' ') end += 1
  }
  return values
}

const listEntry = /"((?:[^"]|"")*)" *(?=,|$)|([^,]*)/y
