// Asks the server of this container whether it serves; ends with 1 when it does not. For HEALTHCHECK in the Dockerfile.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { loadConfig } from '../server/src/config.ts'

// As the server reads them: from the environment, then from the file of EARSHOT_CONFIG_FILE.
const { host, port, tlsCertificate } = loadConfig()
const everywhere = { '0.0.0.0': '127.0.0.1', '::': '::1' }
const [request, options] =
  tlsCertificate === ''
    ? [httpRequest, {}]
    : // The certificate is made out to the public name, and this asks for the machine itself.
      [httpsRequest, { rejectUnauthorized: false }]

request({ host: everywhere[host] ?? host, port, path: '/health', timeout: 4000, ...options }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1)
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end()
