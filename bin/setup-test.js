#!/usr/bin/env node
// Installs what only the tests on servers need and npm does not have: the S3-compatible store, from Debian's packages.
// Does nothing when it is there already.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const programs = ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'ceph-authtool', 'monmaptool']
const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common']

if (!programs.every(isThere)) install()

function isThere(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function install() {
  const words = `apt-get install --no-install-recommends ${packages.join(' ')}`
  const isRoot = process.getuid?.() === 0
  if (!isThere('apt-get')) {
    fail(`The tests on S3 need Ceph's object gateway (${programs.join(', ')}); install it. On Debian: ${words}`)
  }
  if (!isRoot) fail(`The tests on S3 need Ceph's object gateway; install it as root: ${words}`)
  process.stdout.write("Installing Ceph's object gateway for the tests on S3 (once; about 270 MB) …\n")
  run('update', '--quiet')
  run('install', '--quiet', '--yes', '--no-install-recommends', ...packages)
  const missing = programs.filter((program) => !isThere(program))
  if (missing.length > 0) fail(`Debian's packages ${packages.join(', ')} lack ${missing.join(', ')}.`)
}

function run(...words) {
  const done = spawnSync('apt-get', words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (done.status !== 0)
    fail(`apt-get ${words[0]} ended with ${done.status ?? done.signal}; what is wrong stands above.`)
}

function fail(message) {
  process.stderr.write(`earshot: ${message}\n`)
  process.exit(1)
}
