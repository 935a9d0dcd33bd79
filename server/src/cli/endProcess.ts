/**
 * Ends the process at once with an exit status, whatever its threads do: the system puts another program in its place,
 * which ends with that status. `process.exit` would first tear the embedded engine down while queries run in it, which
 * crashes or never comes back. What was to be written to the log must be written before.
 */
export function endProcess(status: number): never {
  process.execve?.('/bin/sh', ['sh', '-c', `exit ${status}`], {})
  process.kill(process.pid, 'SIGKILL')
  throw new Error('The process ends.')
}

/** Ends a command whose data folder another process took. */
export function endLost(): never {
  process.stderr.write('earshot: The data folder was lost: another Earshot took it. The command ends.\n')
  return endProcess(1)
}
