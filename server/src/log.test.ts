import { expect, test } from 'vitest'
import { openLog } from './log.ts'

/** What is written for a line, without its time and process. */
function lineOf(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown> {
  let text = ''
  const log = openLog({ logLevel: 'info', logPretty: false }, { write: (line: string) => void (text += line) })
  write(log)
  const { time: _time, pid: _pid, level: _level, ...line } = JSON.parse(text)
  return line
}

const quoting = `Cannot parse input: expected ',' before: '"+56 9 5555 1234"'`

test('values that an engine quotes never reach the log, in an error or as a reason', () => {
  expect(lineOf((log) => log.warn({ reason: quoting }, 'it failed'))).toEqual({
    reason: "Cannot parse input: expected ',' before: (value not shown)",
    msg: 'it failed',
  })
  const line = lineOf((log) => log.error({ err: new Error(quoting, { cause: new Error(quoting) }) }, 'it failed'))
  expect(JSON.stringify(line)).not.toContain('5555')
})

test('secrets are not shown, whatever they are called', () => {
  const line = lineOf((log) => log.info({ apiKey: 'ak_live_1', headers: { authorization: 'Bearer 2' } }, 'a request'))
  expect(line).toEqual({
    apiKey: '(not shown)',
    headers: { authorization: '(not shown)' },
    msg: 'a request',
  })
})
