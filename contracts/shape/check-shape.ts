/** Is a document of the shape that its version of the standard says? All faults at once, each with its place. */
import type { z } from 'zod'
import { type ContractFault, type DocumentPath, type Place, pathText } from '../fault.ts'
import { createFaultList } from '../fault-list.ts'
import { isRecord } from '../model/raw-value.ts'
import { chooseVersion, type StandardVersion } from './api-version.ts'
import { documentShape } from './document-shape.ts'
import { shapeFaults } from './shape-fault.ts'

/** Most faults of shape that are said. */
const MAX_FAULTS = 1_000

/** Checks a document. Throws nothing. */
export function checkShape(
  value: unknown,
  locate: (path: DocumentPath, what?: 'value' | 'key') => Place,
): readonly ContractFault[] {
  if (!isRecord(value))
    return [
      {
        severity: 'error',
        code: 'CONTRACT_SHAPE',
        path: '',
        message:
          value === null || value === undefined
            ? 'the document is empty'
            : 'the document must be a mapping of keys and values',
        expected: 'a mapping',
        ...locate([]),
      },
    ]
  const { version, fault } = chooseVersion(value['apiVersion'])
  const list = createFaultList(MAX_FAULTS, 'faults of shape')
  if (fault)
    list.add({ code: 'CONTRACT_API_VERSION', path: 'apiVersion', ...locate(['apiVersion']), ...fault })
  const issues = issuesOf(value, version)
  if (!issues)
    list.add({
      severity: 'error',
      code: 'CONTRACT_SHAPE',
      path: '',
      message: 'more faults of shape than can be said',
      ...locate([]),
    })
  for (const issue of issues ?? []) {
    const said = shapeFaults(issue, value, version, list.left())
    for (const { at, path, ...rest } of said)
      list.add({ severity: 'error', ...rest, path: pathText(path), ...locate(path, at) })
    const count = issue.code === 'unrecognized_keys' ? issue.keys.length : 1
    if (said.length < count)
      list.skip(count - said.length, 'error', locate(issue.path.filter((part) => typeof part !== 'symbol')))
  }
  return list.all()
}

/** What zod says; undefined if it is so much that zod itself cannot (it passes faults on as arguments, of which there is a limit). */
function issuesOf(value: unknown, version: StandardVersion): readonly z.core.$ZodIssue[] | undefined {
  try {
    return documentShape(version).safeParse(value).error?.issues ?? []
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
