import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files in which programs are started and killed, or a browser is: they take longest, and none may be left for the end. */
const isLong = ({ moduleId }: TestSpecification): boolean =>
  /[\\/](?:server|console)[\\/]test[\\/]/u.test(moduleId) || moduleId.endsWith('.cluster.test.ts')

/** The long files begin first, so that no worker is alone with one when the others are through. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
