import { totalmem } from 'node:os'

/** How much memory this process may use: the machine's, or less where a container's limit says so. */
export function memoryBytes(limitBytes = process.constrainedMemory(), machineBytes = totalmem()): number {
  // No limit is told as 0, or as one beyond every machine.
  return limitBytes > 0 ? Math.min(limitBytes, machineBytes) : machineBytes
}
