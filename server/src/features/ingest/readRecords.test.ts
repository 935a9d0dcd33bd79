import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startScan, scanOn } from '../../domain/jsonScan.ts'
import { readRecords, type ReadOptions, type ReadRecord } from './readRecords.ts'
import { isHeldExactly, lossFault } from './recordText.ts'

const megabyte = 1024 * 1024
const json: ReadOptions = { isLines: false, skipsFaults: false, maxRecords: 10_000 }
const lines: ReadOptions = { ...json, isLines: true }

function readAll(body: string | Buffer, options: ReadOptions) {
  const read: ReadRecord[] = []
  let pauses = 0
  for (const record of readRecords(Buffer.from(body), options)) {
    if (record) read.push(record)
    else pauses++
  }
  return { read, pauses }
}

const outcomes = (body: string | Buffer, options: ReadOptions) =>
  readAll(body, options).read.map((record) => ('fault' in record ? record.fault.message : record.value))

/** A record whose text has exactly so many bytes. */
const recordOf = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`

describe('the records of a body', () => {
  test('are those of a parser, however the text is written', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
    const indent = fc.constantFrom(undefined, 1, 4, '\t', '\r\n')
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), indent, (records, space) => {
        const expected: unknown = JSON.parse(JSON.stringify(records))
        expect(outcomes(JSON.stringify(records, null, space), json)).toEqual(expected)
        expect(outcomes(` \n\t${JSON.stringify(records, null, space)}\r\n`, json)).toEqual(expected)
        expect(outcomes(records.map((each) => JSON.stringify(each)).join('\n'), lines)).toEqual(expected)
        for (const each of records) {
          expect(outcomes(JSON.stringify(each, null, space), json)).toEqual(JSON.parse(`[${JSON.stringify(each)}]`))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('are malformed where a parser says so', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"a"',
      '"\\"',
      '"',
      '\\',
      '1',
      ' ',
      '\n',
      'null',
      '{}',
      '{"a":1}',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        let expected: unknown
        try {
          const value: unknown = text.trim() === '' ? [] : JSON.parse(text)
          expected = Array.isArray(value) ? value : [value]
        } catch {
          expected = 'malformed'
        }
        let read: unknown
        try {
          read = outcomes(text, json)
        } catch {
          read = 'malformed'
        }
        expect(read).toEqual(expected)
      }),
      { numRuns: 5000 },
    )
  })

  test('begin after a byte order mark, blank lines aside', () => {
    expect(outcomes('\uFEFF[{"a":1}]', json)).toEqual([{ a: 1 }])
    expect(outcomes('\uFEFF{"a":1}\r\n\r\n \t\n{"a":2}', lines)).toEqual([{ a: 1 }, { a: 2 }])
  })
})

describe('what is too large is never parsed', () => {
  test.each([json, lines])('a record of more than 1 MiB', (options) => {
    const [open, separator, close] = options.isLines ? ['', '\n', ''] : ['[', ',', ']']
    const body = open + [recordOf(megabyte), recordOf(megabyte + 1), '{"a":1}'].join(separator) + close
    const [whole, refused, last] = outcomes(body, options)
    expect(JSON.stringify(whole)).toHaveLength(megabyte)
    expect(refused).toBe('a record may have at most 1 MiB.')
    expect(last).toEqual({ a: 1 })
  })

  test('more values than any record has', () => {
    const list = (count: number) => `{"a":[${Array(count).fill('{}').join(',')}]}`
    expect(outcomes(list(12_000), json)).toHaveLength(1)
    expect(outcomes(list(12_000), json)).not.toContain('a record may hold at most 25000 values.')
    expect(outcomes(list(13_000), json)).toEqual(['a record may hold at most 25000 values.'])
    expect(outcomes(list(13_000), lines)).toEqual(['a record may hold at most 25000 values.'])
    expect(outcomes('['.repeat(30_000) + ']'.repeat(30_000), lines)).toEqual([
      'a record may hold at most 25000 values.',
    ])
  })

  test('other work runs while a large body is looked through', () => {
    const body = `{"wordCloud":[${'{},'.repeat(11 * megabyte)}{}]}`
    const { read, pauses } = readAll(body, json)
    expect(read).toMatchObject([{ fault: { message: 'a record may have at most 1 MiB.' } }])
    expect(pauses).toBeGreaterThanOrEqual(33)
  })
})

describe('lines that are no JSON', () => {
  test('are the fault of their record where faults are skipped, else of the body', () => {
    const body = Buffer.concat([Buffer.from('{"a":1}\n{oops\n"\xff\n', 'latin1'), Buffer.from('{"a":"ñ"}\n')])
    expect(outcomes(body, { ...lines, skipsFaults: true })).toEqual([
      { a: 1 },
      expect.stringContaining('line 2'),
      'The body is not well-formed UTF-8.',
      { a: 'ñ' },
    ])
    expect(() => outcomes(Buffer.from('{"a":"\xff"}', 'latin1'), lines)).toThrow('UTF-8')
    expect(() => outcomes(Buffer.from('[{"a":"\xff"}]', 'latin1'), json)).toThrow('UTF-8')
    expect(() => outcomes('{"a":1}\n{oops', lines)).toThrow('line 2')
  })
})

describe('what a parser passes over', () => {
  const loss = (text: string) => {
    const scan = startScan(0)
    scanOn(scan, Buffer.from(text), Buffer.byteLength(text))
    return lossFault(text, JSON.parse(text), scan)
  }

  test('a name that comes twice is a fault that names it', () => {
    expect(loss('{"id":"a","notes":"x","notes":"y"}')).toMatchObject({
      field: 'notes',
      message: expect.stringContaining('"notes" comes twice'),
    })
    expect(loss(String.raw`{"id":"a","\u0069d":"b"}`)).toMatchObject({ field: 'id' })
    expect(loss('{"id":"a","attributes":{"k":1,"k":1}}')).toMatchObject({ field: 'attributes' })
    expect(loss('{"id":"a","markers":[{"time":1},{"time":1,"time":2}]}')).toMatchObject({ field: 'markers' })
    expect(loss('{"id":":,:","markers":[{"time":1},{"time":1}],"attributes":{"time":"\\":"}}')).toBeUndefined()
  })

  test('a number that no double holds is a fault of its field', () => {
    expect(loss('{"id":"a","attributes":{"k":0.1234567890123456789}}')).toMatchObject({ field: 'attributes' })
    expect(loss('{"id":"a", "durationSeconds" :  9007199254740991.4  }')).toMatchObject({ field: 'durationSeconds' })
    expect(loss('{"id":"1234567890123456789012","durationSeconds":12.345499992370605}')).toBeUndefined()
  })

  test('every double is held, with as few digits as it needs or with up to seventeen', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isHeldExactly(String(value))).toBe(true)
        expect(isHeldExactly(value.toPrecision(17))).toBe(true)
      }),
    )
    for (const held of [
      '0.10000000000000001',
      '0.1000000000000000055511151231257827',
      '1e300',
      '-0.0',
      '9007199254740992',
    ])
      expect(isHeldExactly(held), held).toBe(true)
    for (const lost of ['9007199254740993', '0.12345678901234567', '12345678901234567890', '4503599627370497.3'])
      expect(isHeldExactly(lost), lost).toBe(false)
  })
})
