import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'

/** A table of the call data and the folder of its parts. */
export interface CallTable {
  name: string
  folder: string
}

const frozenPrefix = 'earshot_backup_'

/** Lists the tables of the call data. Throws when the engine stores one of them in several folders. */
export async function readCallTables(clickhouse: ClickHouse): Promise<CallTable[]> {
  const rows = await clickhouse.rows<{ name: string; data_paths: string[] }>(`
    SELECT name, data_paths
    FROM system.tables
    WHERE database = currentDatabase()
      AND engine LIKE '%MergeTree'
    ORDER BY name`)
  return rows.map(({ name, data_paths: [folder] }) => {
    if (folder === undefined) throw new Error(`The table ${name} has no folder.`)
    return { name, folder }
  })
}

/** Freezes the current parts of every table with hard links; takes milliseconds. */
export async function freezeTables(clickhouse: ClickHouse, tables: readonly CallTable[], id: string): Promise<void> {
  for (const { name } of tables) {
    await clickhouse.command(`ALTER TABLE ${name} FREEZE WITH NAME '${frozenPrefix}${id}'`)
  }
}

/** Returns the folder of a table's frozen parts: the same relative path below the engine's own folder. */
export function frozenFolder(clickhouseFolder: string, table: CallTable, id: string): string {
  const place = table.folder.slice(table.folder.indexOf('/store/') + 1)
  return join(clickhouseFolder, 'shadow', `${frozenPrefix}${id}`, place)
}

/** Lists the parts in a folder of frozen parts; none when the table was empty. */
export async function partsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

/** Reads the number of rows of a part, which the engine stores in a file beside them. */
export async function rowsOfPart(folder: string, part: string): Promise<number> {
  return Number(await readFile(join(folder, part, 'count.txt'), 'utf8'))
}

/** Deletes the frozen parts of this and of every earlier backup, such as one whose process was killed. */
export async function removeFrozen(clickhouseFolder: string): Promise<void> {
  const shadow = join(clickhouseFolder, 'shadow')
  for (const entry of await readdir(shadow).catch(() => [])) {
    if (entry.startsWith(frozenPrefix)) await rm(join(shadow, entry), { recursive: true, force: true })
  }
}
