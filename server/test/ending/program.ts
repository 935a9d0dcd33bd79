import { pbkdf2 } from 'node:crypto'
import { endProcess } from '../../src/cli/endProcess.ts'
import { openLog } from '../../src/log.ts'
import { openEmbeddedClickHouse } from '../../src/store/clickhouse/embeddedClickHouse.ts'

// A process that ends while its engine computes and every thread of Node.js's pool (four) is busy. Argument: the folder of the engine.
const [folder = ''] = process.argv.slice(2)
const clickhouse = openEmbeddedClickHouse(folder, 0)
await clickhouse.rows('SELECT 1')
for (let query = 0; query < 3; query++) {
  clickhouse
    .rows('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 5')
    .catch(() => process.stdout.write('a query ended\n'))
}
await clickhouse.command('SELECT 1')
for (let thread = 0; thread < 4; thread++) pbkdf2('password', 'salt', 2 ** 31 - 1, 32, 'sha256', () => {})
openLog({ logLevel: 'info', logPretty: false }).info('ends')
endProcess(7)
