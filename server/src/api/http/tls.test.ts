import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { certificate, key } from '../../../test/testCertificate.ts'
import { healthSurface } from '../health/routes.ts'
import { openTestDatabase } from './testFrame.ts'

test('with a certificate the server speaks https', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'))
  const [tlsKey, tlsCertificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  writeFileSync(tlsKey, key)
  writeFileSync(tlsCertificate, certificate)
  const database = await openTestDatabase()
  const process1 = await database.openPorts({ tlsKey, tlsCertificate })
  const { url } = await process1.serve([healthSurface])
  expect(url).toMatch(/^https:/)
  const answer = await new Promise((resolve, reject) => {
    const outgoing = request(`${url}/health`, { ca: certificate, agent: false }, (response) => {
      response.resume()
      resolve([response.statusCode, response.headers['strict-transport-security']])
    })
    outgoing.on('error', reject).end()
  })
  expect(answer).toEqual([200, 'max-age=31536000'])
  await process1.close()
  await database.close()
  rmSync(folder, { recursive: true })
})
