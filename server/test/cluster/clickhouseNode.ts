import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DataType, load, open } from 'ffi-rs'

// A ClickHouse server made of the engine's library: its command line opens the HTTP and TCP ports of the configuration
// and then sleeps. Arguments: the node's folder. Ends with the process that started it.

const [folder = ''] = process.argv.slice(2)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const require = createRequire(createRequire(import.meta.url).resolve('chdb'))
open({
  library: 'chdb',
  path: join(dirname(require.resolve(`@chdb/lib-${process.platform}-${process.arch}-gnu`)), 'libchdb.so'),
})

const foreverMicroseconds = 2 ** 50
const words = [
  'clickhouse',
  `--path=${join(folder, 'data')}`,
  `--config-file=${join(folder, 'node.xml')}`,
  '--output-format=TSV',
  `--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT sleepEachRow(3600) FROM numbers(1000000) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = ${foreverMicroseconds}`,
]
await load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [words.length, words],
  runInNewThread: true,
})
