import { endProcess } from '../../src/cli/endProcess.ts'
import { openEmbeddedClickHouse } from '../../src/store/clickhouse/embeddedClickHouse.ts'

// A process that ends while its engine computes. Argument: the folder of the engine.
const [folder = ''] = process.argv.slice(2)
const clickhouse = openEmbeddedClickHouse(folder, 0)
await clickhouse.rows('SELECT 1')
for (let query = 0; query < 3; query++) {
  clickhouse
    .rows('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 5')
    .catch(() => process.stdout.write('a query ended\n'))
}
await clickhouse.command('SELECT 1')
process.stdout.write('ends\n')
endProcess(7)
