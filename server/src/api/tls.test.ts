import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { healthSurface } from './health/routes.ts'
import { openTestDatabase } from './testFrame.ts'

// Self-signed, for 127.0.0.1, and of no use elsewhere.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAxpCKye2ME+PQu+/
v/7atV9h3t1woEUw2tWKRPVG5sShRANCAAQ/qXpqWd+JX0/2WW3QSJCVUJCz3uYK
kaQNyfXGm1KYrjbyIs4HPZTJDpLH0YfUe7nzkyd4OjGKGLn2X0NPi2+l
-----END PRIVATE KEY-----
`
const certificate = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUAKfc2gnH210B1PYOSuRTlNZPNOcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA0MzAzNFoYDzIxMjYxMDI4
MDQzMDM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ/qXpqWd+JX0/2WW3QSJCVUJCz3uYKkaQNyfXGm1KYrjbyIs4HPZTJ
DpLH0YfUe7nzkyd4OjGKGLn2X0NPi2+lo2QwYjAdBgNVHQ4EFgQUIcuOUX8eN0qF
hCKaV/iIyNlxFoAwHwYDVR0jBBgwFoAUIcuOUX8eN0qFhCKaV/iIyNlxFoAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IH06IhalIRN3SUDw36tH/PnYgbC64bk/BVGHSOoSM1FhAiEAi0lH4k7yy7mshN1a
zIV+f6xxj0OboOBRsDiGpE3GvM4=
-----END CERTIFICATE-----
`

test('with a certificate the server speaks https', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'))
  const [tlsKey, tlsCertificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  writeFileSync(tlsKey, key)
  writeFileSync(tlsCertificate, certificate)
  const database = await openTestDatabase()
  const process1 = await database.openApp({ tlsKey, tlsCertificate })
  const { url } = await process1.serve([healthSurface])
  expect(url).toMatch(/^https:/)
  const status = await new Promise((resolve, reject) => {
    const outgoing = request(`${url}/health`, { ca: certificate, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    outgoing.on('error', reject).end()
  })
  expect(status).toBe(200)
  await process1.close()
  await database.close()
  rmSync(folder, { recursive: true })
})
