/** Which consumer group reads which dataset. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { rawTopic } from '#contracts/events/topics.ts'

/** The datasets of one group: no two of them read the same topic. */
export type ReadingGroup = { readonly groupId: string; readonly datasets: readonly CompiledDataset[] }

/** The usual group of a project's worker. */
export function workerGroup(topicPrefix: string): string {
  return `mogo-worker-${topicPrefix}`
}

/** Two versions of a dataset read the same topic, each in a group of its own, at its own pace. */
export function readingGroups(
  datasets: readonly CompiledDataset[],
  topicPrefix: string,
  groupId: string,
): readonly ReadingGroup[] {
  const made: CompiledDataset[][] = []
  const seen = new Map<string, number>()
  for (const dataset of datasets) {
    const topic = rawTopic(topicPrefix, dataset.source)
    const index = seen.get(topic) ?? 0
    seen.set(topic, index + 1)
    const share = made[index]
    if (share) share.push(dataset)
    else made.push([dataset])
  }
  return made.map((share, index) => ({
    groupId: index === 0 ? groupId : `${groupId}-${index + 1}`,
    datasets: share,
  }))
}
