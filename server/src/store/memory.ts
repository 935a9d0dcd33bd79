import { totalmem } from 'node:os'

/** How much memory this process may use: the machine's, or less where a container's limit says so. */
export function memoryBytes(limitBytes = process.constrainedMemory(), machineBytes = totalmem()): number {
  // Without a limit the value is 0, or larger than any machine's memory.
  return limitBytes > 0 ? Math.min(limitBytes, machineBytes) : machineBytes
}
