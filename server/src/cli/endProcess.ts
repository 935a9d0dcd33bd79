/**
 * Ends the process at once with an exit status: it replaces the process by a program that exits with this status.
 * `process.exit` would stop the embedded engine while queries run, which crashes or hangs. The caller must write its log
 * lines before.
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
