import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from './freePorts.ts'
import { root, scratchFolder, serve } from './program.ts'
import { certificate, key } from './testCertificate.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})
afterAll(() => folder.remove())

/** What the container's health check ends with under these settings and no others. */
async function check(settings: Record<string, string>): Promise<number> {
  const script = join(root, 'deploy', 'healthcheck.js')
  const ended = promisify(execFile)(process.execPath, [script], { env: settings, cwd: folder.path })
  return ended.then(
    () => 0,
    (error: { code: number }) => error.code,
  )
}

test('the health check finds the server where its file of settings puts it, with TLS', async () => {
  const [keyFile, certificateFile] = [join(folder.path, 'key.pem'), join(folder.path, 'certificate.pem')]
  await writeFile(keyFile, key)
  await writeFile(certificateFile, certificate)
  const file = join(folder.path, 'settings')
  const port = await freePort()
  await writeFile(file, `EARSHOT_PORT=${port}\nEARSHOT_TLS_CERT=${certificateFile}\nEARSHOT_TLS_KEY=${keyFile}\n`)
  const settings = { EARSHOT_DATA_DIR: join(folder.path, 'data'), EARSHOT_CONFIG_FILE: file }
  expect(await check(settings)).toBe(1)
  // An empty variable is none.
  const server = await serve({ ...settings, EARSHOT_PORT: '' })
  expect(server.url).toBe(`https://127.0.0.1:${port}`)
  expect(await check(settings)).toBe(0)
  expect(await check({ ...settings, EARSHOT_HOST: '0.0.0.0' })).toBe(0)
  // The environment wins, as it does for the server.
  expect(await check({ ...settings, EARSHOT_PORT: String(await freePort()) })).toBe(1)
  server.process.kill('SIGTERM')
  await server.ended
})
