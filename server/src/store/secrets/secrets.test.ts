import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureMasterKey } from './masterKeys.ts'
import { masterKeyId, openSecrets, secretsUnder } from './secrets.ts'

let dataDirectory: string

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'earshot-secrets-'))
})

afterEach(() => rmSync(dataDirectory, { recursive: true }))

test('what is sealed opens for the same purpose only', () => {
  const secrets = secretsUnder(randomBytes(32))
  const sealed = secrets.seal('hmac_ñ', 'hmac:1')
  expect(secrets.open(sealed, 'hmac:1')).toBe('hmac_ñ')
  expect(() => secrets.open(sealed, 'hmac:2')).toThrow()
  expect(secrets.seal('hmac_ñ', 'hmac:1')).not.toEqual(sealed)
})

test('any altered byte, and any missing one, is noticed', () => {
  const secrets = secretsUnder(randomBytes(32))
  const sealed = secrets.seal('a secret', 'test')
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = Buffer.from(sealed)
      altered.writeUInt8(altered.readUInt8(at) ^ flip, at)
      expect(() => secrets.open(altered, 'test')).toThrow()
      expect(() => secrets.open(sealed.subarray(0, at), 'test')).toThrow()
    }),
  )
})

test('a sealed secret names its master key, and opens under a ring that still has it', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  const sealed = secretsUnder(older).seal('kept', 'test')
  expect(sealed.toString('hex', 1, 5)).toBe(masterKeyId(older))
  expect(secretsUnder(newer, [older]).open(sealed, 'test')).toBe('kept')
  expect(() => secretsUnder(newer).open(sealed, 'test')).toThrow(masterKeyId(older))
})

test('data keys come back from their wrapping, and are no secrets of another kind', () => {
  const secrets = secretsUnder(randomBytes(32))
  const { key, wrapped } = secrets.newDataKey()
  expect(secrets.unwrapDataKey(wrapped)).toEqual(key)
  expect(() => secrets.open(wrapped, 'data key')).toThrow()
  expect(() => secrets.unwrapDataKey(secrets.seal('x'.repeat(32), 'data key'))).toThrow()
})

test('link signatures differ by text, purpose and master key', () => {
  const masterKey = randomBytes(32)
  const secrets = secretsUnder(masterKey)
  const signature = secrets.sign('text', 'export')
  expect(signature).toHaveLength(32)
  expect(secretsUnder(masterKey).sign('text', 'export')).toEqual(signature)
  expect(secrets.sign('text', 'recording')).not.toEqual(signature)
  expect(secrets.sign('xt', 'exportte')).not.toEqual(signature)
  expect(secretsUnder(randomBytes(32)).sign('text', 'export')).not.toEqual(signature)
})

test('the master key is made once, readable by its owner alone', () => {
  ensureMasterKey({ masterKey: '', dataDirectory }, { isNew: true })
  const sealed = openSecrets({ masterKey: '', dataDirectory }).seal('kept', 'test')
  const path = join(dataDirectory, 'master.key')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(openSecrets({ masterKey: '', dataDirectory }).open(sealed, 'test')).toBe('kept')
  const masterKey = readFileSync(path, 'utf8').trim()
  expect(openSecrets({ masterKey, dataDirectory: '/nowhere' }).open(sealed, 'test')).toBe('kept')
})

test('a master key that is missing is not replaced; one that goes away stays in use', () => {
  expect(() => ensureMasterKey({ masterKey: '', dataDirectory }, { isNew: false })).toThrow('put it back from a backup')
  expect(() => openSecrets({ masterKey: '', dataDirectory })).toThrow('put it back from a backup')
  ensureMasterKey({ masterKey: '', dataDirectory }, { isNew: true })
  const secrets = openSecrets({ masterKey: '', dataDirectory })
  const sealed = secrets.seal('kept', 'test')
  rmSync(join(dataDirectory, 'master.key'))
  expect(secrets.open(sealed, 'test')).toBe('kept')
  expect(existsSync(join(dataDirectory, 'master.key'))).toBe(false)
})

test('a damaged master key is refused, never replaced', () => {
  writeFileSync(join(dataDirectory, 'master.key'), 'half a k')
  expect(() => openSecrets({ masterKey: '', dataDirectory })).toThrow('64 hexadecimal digits')
})

test('processes that start at once get the same master key', async () => {
  const script = `
    import { ensureMasterKey } from ${JSON.stringify(join(import.meta.dirname, 'masterKeys.ts'))}
    import { openSecrets } from ${JSON.stringify(join(import.meta.dirname, 'secrets.ts'))}
    const config = { masterKey: '', dataDirectory: process.argv[1] }
    ensureMasterKey(config, { isNew: true })
    process.stdout.write(openSecrets(config).sign('x', 'y').toString('hex'))`
  const run = promisify(execFile)
  const starts = Array.from({ length: 6 }, () =>
    run(process.execPath, ['--input-type=module', '-e', script, join(dataDirectory, 'new')]),
  )
  const answers = await Promise.all(starts)
  expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1)
})
