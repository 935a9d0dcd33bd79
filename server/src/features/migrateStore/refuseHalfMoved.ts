import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

/** Refuses engines into which a folder is being moved: what they hold is not whole yet. Throws CONFLICT. */
export async function refuseHalfMoved(postgres: Queryable): Promise<void> {
  const move = await postgres.first<{ folder: string }>(sql`
    SELECT source_folder AS folder
    FROM store_moves
    WHERE completed_at IS NULL`)
  if (!move) return
  throw new AppError(
    'CONFLICT',
    `The data folder ${move.folder} is being moved into these engines and is not whole there yet; go on with: earshot migrate-store --from ${move.folder}`,
  )
}
