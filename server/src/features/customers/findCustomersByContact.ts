import { requireScope, type Context } from '../../context.ts'
import { isSameContact, isWithheld, parseContact, type Contact } from '../../domain/contact.ts'
import { AppError } from '../../errors.ts'
import { onEachShard } from '../../store/clickhouse/clickhouse.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'

// Writings of one contact: even a company's switchboard has a few dozen.
const maxSpellings = 10_000
// The last digits of a number, which every writing of it has; few other numbers share them.
const decidingDigits = 7

/**
 * The ids of the customers that a phone number or e-mail address belongs to: those who have it among their contacts, and
 * those of calls from it. Throws VALIDATION_ERROR with the reason CONTACT_NOT_FOUND, or NO_CUSTOMERS_FOR_CONTACT when
 * only calls without a customer have it.
 */
export async function findCustomersByContact(context: Context, text: string): Promise<string[]> {
  requireScope(context, 'analytics:export')
  const { number: lastNumber } = await readWatermark(context.ports, context.accountId)
  const writings = isWithheld(text) ? [] : await findWritings(context, text)
  const ofContacts = await customersWith(context, writings)
  const calls = await callsFrom(context, writings, lastNumber)
  if (ofContacts.length === 0 && calls.count === 0) {
    throw refusal(
      'CONTACT_NOT_FOUND',
      'contact is neither among the contacts of a customer nor the endpoint of a call.',
    )
  }
  const ids = [...new Set([...ofContacts, ...calls.customerIds])].sort()
  if (ids.length === 0) {
    throw refusal('NO_CUSTOMERS_FOR_CONTACT', 'contact belongs only to calls of which no customer is known.')
  }
  return ids
}

function refusal(reason: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', message, { details: [{ field: 'contact', reason, message }] })
}

/**
 * How the contact is written in the store. The engine finds the texts that may mean it, in customers and calls as they are
 * or ever were; whether one does is decided here, by the same rules for both sides.
 */
async function findWritings({ ports, accountId }: Context, text: string): Promise<string[]> {
  const account = await ports.postgres.first<{ country: string | null }>(sql`
    SELECT country
    FROM accounts
    WHERE id = ${accountId}`)
  const country = account?.country ?? null
  const contact = parseContact(text, country)
  const rows = await ports.clickhouse.rows<{ writing: string }>(
    `SELECT DISTINCT writing
    FROM (
      SELECT arrayJoin(arrayFilter(contact -> match(contact, {pattern:String}), contacts)) AS writing
      FROM customers
      WHERE account_id = {accountId:UInt32}
      UNION ALL
      SELECT assumeNotNull(external_endpoint) AS writing
      FROM calls
      WHERE account_id = {accountId:UInt32}
        AND match(external_endpoint, {pattern:String})
    )
    LIMIT ${maxSpellings}`,
    { accountId, pattern: patternOf(contact) },
  )
  return rows.map(({ writing }) => writing).filter((writing) => isSameContact(parseContact(writing, country), contact))
}

/** A regular expression that every writing of the contact matches, and few other texts do. */
function patternOf(contact: Contact): string {
  if (contact.kind === 'phone') return contact.number.slice(-decidingDigits).split('').join('[^0-9]*')
  // What the engine knows no escape for means itself.
  return `(?i)${contact.address.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}`
}

async function customersWith({ ports, accountId }: Context, writings: string[]): Promise<string[]> {
  if (writings.length === 0) return []
  const rows = await ports.clickhouse.rows<{ id: string }>(
    `SELECT id
    FROM customers FINAL
    WHERE account_id = {accountId:UInt32}
      AND removed = 0
      AND hasAny(contacts, {writings:Array(String)})
      AND id IN (
        SELECT id
        FROM customers
        WHERE account_id = {accountId:UInt32}
          AND hasAny(contacts, {writings:Array(String)})
      )`,
    { accountId, writings },
  )
  return rows.map(({ id }) => id)
}

/** How many calls come from the contact, and the customers of these calls and of their engagements. */
async function callsFrom(
  { ports, accountId }: Context,
  writings: string[],
  lastNumber: number,
): Promise<{ count: number; customerIds: string[] }> {
  if (writings.length === 0) return { count: 0, customerIds: [] }
  const [found] = await ports.clickhouse.rows<{ count: number; customerIds: string[] }>(
    `WITH found AS (
      SELECT id, customer_id
      FROM calls FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND external_endpoint IN {writings:Array(String)}
        AND number IN (
          SELECT number
          FROM calls
          WHERE account_id = {accountId:UInt32}
            AND number <= {lastNumber:UInt64}
            AND external_endpoint IN {writings:Array(String)}
        )
    )
    SELECT
      (SELECT count() FROM found) AS count,
      groupUniqArray(customer_id) AS customerIds
    FROM (
      SELECT customer_id
      FROM found
      UNION ALL
      SELECT customer_id
      FROM engagements FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND call_id IN (SELECT id FROM found)
    )
    SETTINGS ${onEachShard}`,
    { accountId, writings, lastNumber },
  )
  return found ?? { count: 0, customerIds: [] }
}
