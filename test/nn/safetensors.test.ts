import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { ConfigError, DataError, Generator, type Tensor, dtypes, ones, scope, tensor } from '../../src/index.js'
import { decodeSafetensors, encodeSafetensors, phantomNet } from '../../src/nn/index.js'
import { fixtureBytes, readFixture } from './fixtures/read.js'

/** A file of this header and so many bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

const bits = (x: Tensor): Uint8Array => new Uint8Array(x.data().buffer)

test('a file written by Python gives its values, dtypes, shapes and metadata', () => {
  scope(() => {
    const { tensors, metadata } = readFixture('dtypes')
    const found = [...tensors].map(([name, x]) => [name, x.dtype, x.shape, Array.from(x.data())])
    expect(new Map(found.map(([name, ...rest]) => [name, rest]))).toEqual(
      new Map<string, unknown[]>([
        ['double', ['float64', [], [Math.PI]]],
        ['float', ['float32', [2, 3], [0, 1, 2, 3, 4, 5].map((x) => Math.fround(x / 3))]],
        ['none', ['float32', [0, 4], []]],
        ['naïve.ünïcode "name"', ['float32', [1], [1]]],
        ['integer', ['int32', [3], [-(2 ** 31), 0, 2 ** 31 - 1]]],
        ['byte', ['uint8', [3, 1], [0, 255, 7]]],
        ['truth', ['bool', [3], [1, 0, 1]]],
      ]),
    )
    expect(metadata).toEqual({ step: '600', text: 'Φ = "BI"\n' })
  })
})

test.each(['dtypes', 'instance', 'batch'])('%s: written again, the bytes are those that Python wrote', (name) => {
  scope(() => {
    const { tensors, metadata } = readFixture(name)
    const again = encodeSafetensors(tensors, metadata)
    const wanted = fixtureBytes(name)
    // Python's writer keeps its metadata in a hash map: only their order may differ.
    const same = Buffer.from(again).equals(wanted)
    const swapped = encodeSafetensors(tensors, Object.fromEntries(Object.entries(metadata).reverse()))
    expect(same || Buffer.from(swapped).equals(wanted)).toBe(true)
  })
})

const anyTensor = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.nat())
  .map(([dtype, shape, seed]) => {
    const size = shape.reduce((n, m) => n * m, 1)
    const generator = new Generator(seed)
    return { dtype, shape, values: Float64Array.from({ length: size }, () => 400 * generator.uniform() - 100) }
  })

property.prop([
  fc.dictionary(fc.string({ unit: 'grapheme' }), anyTensor, { noNullPrototype: true }),
  fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
])(
  'what is written and read again has the same bits, names, shapes, dtypes and metadata',
  (specification, metadata) => {
    scope(() => {
      const tensors = new Map(
        Object.entries(specification).map(([name, { values, ...options }]) => [name, tensor(values, options)]),
      )
      const bytes = encodeSafetensors(tensors, metadata)
      expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0)
      const read = decodeSafetensors(bytes, 'memory')
      expect(read.metadata).toEqual(metadata)
      expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()))
      for (const [name, x] of tensors) {
        const y = read.tensors.get(name)
        expect([y?.dtype, y?.shape]).toEqual([x.dtype, x.shape])
        expect(y && bits(y)).toEqual(bits(x))
      }
    })
  },
)

test('NaN payloads, infinities and negative zeros keep their bits, and views are written dense', () => {
  scope(() => {
    const odd = new Float64Array([NaN, -0, Infinity, 5e-324])
    new DataView(odd.buffer).setBigUint64(0, 0x7ff8dead_beef0001n, true)
    const tensors = new Map(
      Object.entries({
        odd: tensor(odd),
        view: tensor([
          [1, 2],
          [3, 4],
        ]).transpose(),
      }),
    )
    const read = decodeSafetensors(encodeSafetensors(tensors), 'memory').tensors
    const found = read.get('odd')
    expect(found && bits(found)).toEqual(new Uint8Array(odd.buffer))
    expect(read.get('view')?.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ])
  })
})

test('a network restored from its checkpoint gives the same bits', () => {
  using net = phantomNet({ generator: new Generator(1) })
  using other = phantomNet({ generator: new Generator(2) })
  scope(() => {
    const x = ones([1, 4, 4, 4, 4])
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(net.stateDict(), { step: '3' }), 'memory')
    expect(bits(other.call(x))).not.toEqual(bits(net.call(x)))
    other.loadStateDict(tensors)
    expect(bits(other.call(x))).toEqual(bits(net.call(x)))
    expect(metadata).toEqual({ step: '3' })
  })
})

test('bytes that begin anywhere in a larger buffer are read', () => {
  const bytes = fixtureBytes('dtypes')
  const moved = new Uint8Array(bytes.length + 3)
  moved.set(bytes, 3)
  scope(() => expect(decodeSafetensors(moved.subarray(3), 'memory').tensors.size).toBe(7))
})

test('a tensor cannot be named like the metadata', () => {
  scope(() => expect(() => encodeSafetensors(new Map([['__metadata__', ones([1])]]))).toThrow(ConfigError))
})

describe('a bad file is refused with its name and the byte or field', () => {
  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
  test.each([
    ['an empty file', new Uint8Array(0), 'at least 8 bytes of header length, got 0 bytes'],
    ['a header beyond the end', file({ x: entry }, 4).subarray(0, 20), 'a header length of at most 12 in bytes 0–7'],
    ['a huge header length', new Uint8Array(16).fill(255), 'got 18446744073709551615'],
    ['a header that is no JSON', file('{"x":'), 'a JSON header in bytes 8–12'],
    ['a header that is no UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0x28]), 'a JSON header in bytes 8–9'],
    ['a header that is a list', file([]), 'a JSON object as header, got []'],
    ['a header that is null', file('null'), 'a JSON object as header, got null'],
    ['metadata of numbers', file({ __metadata__: { step: 3 } }), '__metadata__ of strings'],
    ['a number as entry', file({ x: 3 }), 'a valid x ('],
    ['a dtype we do not have', fixtureBytes('half'), 'a valid half.dtype ('],
    ['a negative size', file({ x: { ...entry, shape: [-1] } }, 4), 'a valid x.shape.0 ('],
    ['a fraction as offset', file({ x: { ...entry, data_offsets: [0, 4.5] } }, 4), 'a valid x.data_offsets.1 ('],
    ['an unknown field', file({ x: { ...entry, more: 1 } }, 4), 'a valid x ('],
    [
      'offsets that do not hold the shape',
      file({ x: { ...entry, shape: [2] } }, 4),
      'x.data_offsets that span 8 bytes',
    ],
    ['a hole', file({ x: { ...entry, data_offsets: [4, 8] } }, 8), 'x.data_offsets to begin at 0, got 4'],
    ['an overlap', file({ x: entry, y: { ...entry, data_offsets: [2, 6] } }, 6), 'y.data_offsets to begin at 4, got 2'],
    ['data cut off', file({ x: entry }, 3), '4 bytes of data, got 3 bytes'],
    ['data to spare', file({ x: entry }, 5), '4 bytes of data, got 5 bytes'],
  ])('%s', (_what, bytes, message) => {
    const read = (): unknown => scope(() => decodeSafetensors(bytes, 'runs/model.safetensors'))
    expect(read).toThrow(DataError)
    expect(read).toThrow('[runs/model.safetensors] expected ')
    expect(read).toThrow(message)
  })

  test('a bool that is neither 0 nor 1', () => {
    const bytes = file({ x: { dtype: 'BOOL', shape: [2], data_offsets: [0, 2] } }, 2)
    bytes[bytes.length - 1] = 2
    expect(() => decodeSafetensors(bytes, 'f')).toThrow('[f] expected 0 or 1 in element 1 of x, got 2')
  })

  property.prop([fc.nat(), fc.integer({ min: 0, max: 255 })])(
    'any byte changed: read, or refused with a DataError',
    (position, value) => {
      const bytes = Uint8Array.from(fixtureBytes('dtypes'))
      bytes[position % bytes.length] = value
      try {
        scope(() => decodeSafetensors(bytes, 'f').tensors.size)
      } catch (error) {
        expect(error).toBeInstanceOf(DataError)
      }
    },
  )
})
