import { expect, test } from 'vitest'
import { whyNoContract } from '#contracts/recognise-contract.ts'

test.each<readonly [name: string, text: string, file: string, reason: string | undefined]>([
  ['a contract', 'apiVersion: v3.1.0\nkind: DataContract\n', 'a.yaml', undefined],
  ['with a byte order mark', '\ufeffapiVersion: v3.1.0\nkind: DataContract', 'a.yaml', undefined],
  ['with line ends of Windows', 'apiVersion: v3.1.0\r\nkind: DataContract\r\n', 'a.yaml', undefined],
  ['with quotes, in another case', '"kind": "datacontract"\n\'apiVersion\' : 3', 'a.yaml', undefined],
  ['in braces', '# a\n---\n{"kind":"DataContract","apiVersion":"v3.1.0"}', 'a.yaml', undefined],
  ['JSON', '{\n  "schema": [],\n  "kind": "DataContract",\n  "apiVersion": "v3.1.0"\n', 'a.JSON', undefined],
  ['one with a fault of syntax', 'kind: DataContract\napiVersion: v3.1.0\nid: "', 'a.yaml', undefined],
  [
    'one inside of another document',
    'a:\n  kind: DataContract\n  apiVersion: x',
    'a.yaml',
    'it has no kind: DataContract',
  ],
  ['another kind', 'apiVersion: v1\nkind: DataContractList', 'a.yaml', 'it has no kind: DataContract'],
  ['no version', 'kind: DataContract', 'a.yaml', 'it has kind: DataContract, and no apiVersion'],
  [
    'another format',
    'dataContractSpecification: 1.1.0',
    'a.yaml',
    'it is of another format, the Data Contract Specification',
  ],
  ['nothing', ' \n', 'a.yaml', 'it is empty'],
])('%s', (_name, text, file, reason) => expect(whyNoContract(Buffer.from(text), file)).toBe(reason))

test('another encoding', () =>
  expect(whyNoContract(Buffer.from('kind: DataContract', 'utf16le'), 'a.yaml')).toBe('it is not UTF-8'))
