import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openS3 } from '../../src/store/s3/s3.ts'
import { s3LocationOf } from '../../src/store/s3/s3Location.ts'
import { freePorts } from '../freePorts.ts'

/** A bucket of the test run's own S3-compatible store. */
export interface TestBucket {
  name: string
  endpoint: string
  accessKey: string
  secretKey: string
  /** What puts the program's files there, through another address of the store if one is given. */
  settings(endpoint?: string): Record<string, string>
}

export interface ObjectStore {
  endpoint: string
  port: number
  bucket(): Promise<TestBucket>
  /** From now on its one user has this secret, which begins as that of every bucket. */
  useSecret(secretKey: string): Promise<void>
  /** Ends its processes at once and removes its folder. */
  stop(): Promise<void>
}

const run = promisify(execFile)
const startMs = 180_000
const accessKey = 'EARSHOTTEST'

/**
 * Starts a Ceph of one node (monitor, memory store, object gateway) in a folder of its own on free ports; takes a second.
 * Its gateway checks signatures, versions (If-Match), ranges, and the parts of an upload as Amazon's does, least size
 * included. What it lacks: it takes any region, addresses buckets by path only as set up here, and never says SlowDown.
 */
export async function startObjectStore(): Promise<ObjectStore> {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-s3-'))
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end))
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
  try {
    const [port = 0, monitorPort = 0] = await freePorts(2)
    const secretKey = randomBytes(20).toString('base64url')
    await prepare(folder, { port, monitorPort })
    const configured = ['-c', join(folder, 'ceph.conf')]
    const tool = (name: string, ...words: string[]) => run(name, words, { cwd: folder, timeout: startMs })
    const serve = (name: string, ...words: string[]) => {
      children.push(spawn(name, [...configured, ...words], { cwd: folder, stdio: 'ignore' }))
    }
    serve('ceph-mon', '-i', 'a', '-f')
    const device = randomUUID()
    await tool('ceph', ...configured, 'osd', 'new', device)
    await tool('ceph-osd', ...configured, '-i', '0', '--mkfs', '--osd-uuid', device)
    serve('ceph-osd', '-i', '0', '-f')
    const user = (...words: string[]) => tool('radosgw-admin', ...configured, ...words, '--uid', 'earshot')
    const keyOf = (secret: string) => ['--access-key', accessKey, '--secret-key', secret]
    await user('user', 'create', '--display-name', 'Earshot', ...keyOf(secretKey))
    serve('radosgw', '-n', 'client.admin', '-f')
    const endpoint = `http://127.0.0.1:${port}`
    await answering(endpoint, children)
    return {
      endpoint,
      port,
      stop,
      bucket: () => makeBucket(endpoint, secretKey),
      useSecret: async (secret) => void (await user('key', 'create', ...keyOf(secret))),
    }
  } catch (error) {
    await stop()
    throw new Error('The object store for tests did not start; "node bin/setup-test.js" installs its packages.', {
      cause: error,
    })
  }
}

async function makeBucket(endpoint: string, secretKey: string): Promise<TestBucket> {
  const name = `test-${randomBytes(6).toString('hex')}`
  const place = s3LocationOf(`s3://${name}?endpoint=${endpoint}`)
  if (!place) throw new Error('The address of the test bucket is wrong.')
  await openS3(place, { accessKey, secretKey, log: { warn: () => {} } }).send({ method: 'PUT', retryForMs: startMs })
  const settings = (through = endpoint) => ({
    EARSHOT_FILES: `s3://${name}/calls/data?endpoint=${through}`,
    EARSHOT_S3_ACCESS_KEY: accessKey,
    EARSHOT_S3_SECRET_KEY: secretKey,
  })
  return { name, endpoint, accessKey, secretKey, settings }
}

async function prepare(folder: string, ports: { port: number; monitorPort: number }): Promise<void> {
  for (const name of ['mon', 'osd', 'rgw', 'run']) await mkdir(join(folder, name))
  const id = randomUUID()
  await writeFile(join(folder, 'ceph.conf'), settingsOf(folder, id, ports))
  const keys = (...words: string[]) => run('ceph-authtool', [join(folder, 'keyring'), '--gen-key', ...words])
  await keys('--create-keyring', '-n', 'mon.', '--cap', 'mon', 'allow *')
  for (const name of ['client.admin', 'osd.0']) {
    await keys('-n', name, '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *')
  }
  const map = join(folder, 'monmap')
  await run('monmaptool', ['--create', '--fsid', id, '--addv', 'a', `[v2:127.0.0.1:${ports.monitorPort}]`, map])
  const words = ['-c', join(folder, 'ceph.conf'), '-i', 'a', '--mkfs', '--monmap', map, '--keyring']
  await run('ceph-mon', [...words, join(folder, 'keyring')])
}

function settingsOf(folder: string, id: string, { port, monitorPort }: { port: number; monitorPort: number }): string {
  return `[global]
fsid = ${id}
mon host = v2:127.0.0.1:${monitorPort}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = true
keyring = ${folder}/keyring
mon data = ${folder}/mon
mon data avail warn = 1
mon data avail crit = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon tick interval = 1
mon client hunt interval = 0.2
paxos propose interval = 0.02
paxos min wait = 0.01
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd heartbeat interval = 1
osd class load list = *
osd class default list = *
objecter tick interval = 0.2
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw thread pool size = 32
rgw run sync thread = false
run dir = ${folder}/run
crash dir = ${folder}/run
admin socket =
log file =
mon cluster log to file = false
`
}

async function answering(endpoint: string, children: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + startMs
  for (;;) {
    const answer = await fetch(endpoint).catch(() => undefined)
    if (answer) return void (await answer.arrayBuffer())
    const ended = children.find((child) => child.exitCode !== null)
    if (ended) throw new Error(`${ended.spawnfile} ended with ${ended.exitCode}.`)
    if (Date.now() > deadline) throw new Error('The gateway does not answer.')
    await pause(20)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
