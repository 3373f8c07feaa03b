/** Partitions made of others: products, refinements, adaptive ones; and what a family of subsets is. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ConfigError, Generator, ShapeError, gradcheck, gradgradcheck, scope, tensor } from '../../src/index.js'
import {
  Partition,
  type PartitionName,
  diceGradient,
  diceLoss,
  finish,
  merge,
  overlapStatistics,
} from '../../src/losses/index.js'
import {
  distance,
  naiveLoss,
  namedProblems,
  namedSubset,
  names,
  problems,
  shapes,
  sizeOf,
  tensorsOf,
} from './problem.js'

const asPartition = (phi: PartitionName | Partition): Partition => (phi instanceof Partition ? phi : Partition.of(phi))

describe('refinements', () => {
  test.prop([problems, problems], { numRuns: 60 })(
    'elements share a subset of the refinement iff they share one in both, and it refines both',
    (one, other) => {
      scope(() => {
        const second = other.shape.join() === one.shape.join() ? asPartition(other.phi) : Partition.of('CI')
        const size = sizeOf(one.shape)
        const theirs =
          other.shape.join() === one.shape.join()
            ? other.subsetOf
            : Array.from({ length: size }, (_, i) => namedSubset('CI', one.shape, i))
        const phi = asPartition(one.phi).refine(second)
        const pairs = one.subsetOf.map((a, i) => {
          const b = theirs[i] ?? -1
          return a < 0 || b < 0 ? '' : `${a} ${b}`
        })
        const seen = [...new Set(pairs.filter((pair) => pair !== ''))]
        const subsetOf = pairs.map((pair) => (pair === '' ? -1 : seen.indexOf(pair)))
        const { p, y } = tensorsOf(one)
        const options = { phi, epsilon: one.epsilon }
        expect(diceLoss(p, y, options).item()).toBeCloseTo(naiveLoss({ ...one, phi, subsetOf }), 13)
        for (const coarse of [asPartition(one.phi), second]) expect(phi.isRefinementOf(coarse, one.shape)).toBe(true)
      })
    },
  )

  test('CI refined by BI is I, with its shape of losses', () => {
    const phi = Partition.of('CI').refine(Partition.of('BI'))
    const { parents, ...subsets } = phi.resolve('test', [2, 3, 4, 2])
    const { parents: none, ...image } = Partition.of('I').resolve('test', [2, 3, 4, 2])
    expect(subsets).toEqual(image)
    expect(none).toBeNull()
    expect(Array.from(parents ?? [])).toEqual([0, 0, 1, 1])
    expect(Array.from(phi.resolve('test', [2, 3, 4, 3], 1).parents ?? [])).toEqual([0, 0, 1, 1])
    expect(String(phi)).toBe('CI ∧ BI')
  })

  test('refinement is an order: I refines CI and BI, BCI refines none of them', () => {
    const shape = [2, 3, 2]
    const isFiner = (a: PartitionName, b: PartitionName): boolean =>
      Partition.of(a).isRefinementOf(Partition.of(b), shape)
    expect(names.map((b) => isFiner('I', b))).toEqual([true, true, true, true])
    expect(names.map((b) => isFiner('BCI', b))).toEqual([false, false, false, true])
    expect(isFiner('CI', 'BI')).toBe(false)
  })
})

describe('products', () => {
  test.prop([namedProblems], { numRuns: 40 })('of together and apart are the named ones', (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const name = problem.phi as PartitionName
      const phi = Partition.product({
        images: name.includes('B') ? 'together' : 'apart',
        classes: name.includes('C') ? 'together' : 'apart',
      })
      const [product, named] = [phi, name].map((each) => diceLoss(p, y, { phi: each, epsilon: problem.epsilon }).item())
      expect(product).toBeCloseTo(named ?? 0, 13)
    })
  })

  test.prop([shapes, fc.nat()])('put an element where its image, voxel and class are', (shape, seed) => {
    const generator = new Generator(seed)
    const draw = (n: number): number[] => Array.from({ length: n }, () => generator.integer(3) - 1)
    const [batch = 1, channels = 1] = [shape[0], shape.at(-1)]
    const voxels = sizeOf(shape.slice(1, -1))
    const factors = { images: draw(batch), voxels: draw(voxels), classes: draw(channels) }
    const { index, count } = Partition.product(factors).resolve('test', shape)
    const most = (groups: readonly number[]): number => Math.max(...groups) + 1
    expect(count).toBe(most(factors.images) * most(factors.voxels) * most(factors.classes))
    if (index.kind !== 'labels') throw new Error('a product is a label map')
    index.labels.data().forEach((label, i) => {
      const [b = -1, v = -1, c = -1] = [
        factors.images[Math.floor(i / (voxels * channels))],
        factors.voxels[Math.floor(i / channels) % voxels],
        factors.classes[i % channels],
      ]
      const isNone = b < 0 || v < 0 || c < 0
      expect(label).toBe(isNone ? -1 : (b * most(factors.voxels) + v) * most(factors.classes) + c)
    })
  })

  test('group classes, and refuse groups that do not fit', () => {
    scope(() => {
      const shape = [1, 2, 3]
      const p = tensor(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), { shape })
      const y = tensor(Float64Array.of(1, 0, 0, 0, 1, 1), { shape })
      const phi = Partition.product({ classes: [0, 1, 1] })
      const each = diceLoss(p, y, { phi, epsilon: 0, reduction: 'none' }).data()
      expect(distance(each, [1 - 0.2 / 1.5, 1 - 2.2 / 3.6])).toBeLessThan(1e-15)
      const use = (factors: object): unknown => diceLoss(p, y, { phi: Partition.product(factors), epsilon: 1 })
      expect(() => use({ classes: [0, 1] })).toThrow(ShapeError)
      expect(() => use({ images: 'both' })).toThrow(ConfigError)
      expect(() => use({ voxels: [0.5, 1] })).toThrow(ConfigError)
    })
  })
})

describe('adaptive partitions', () => {
  test.prop([problems], { numRuns: 40 })(
    'leave out subsets by their volume: dropping Y = 0 is emptySubsets drop',
    (problem) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const options = { phi: asPartition(problem.phi), epsilon: problem.epsilon }
        const phi = options.phi.keepWhere((volume) => volume > 0)
        const dropped = { ...options, emptySubsets: 'drop' } as const
        expect(diceLoss(p, y, { ...options, phi }).item()).toBe(diceLoss(p, y, dropped).item())
        expect(diceGradient(p, y, { ...options, phi }).data()).toEqual(diceGradient(p, y, dropped).data())
        const f = (x: typeof p): typeof p =>
          diceLoss(x, y, { ...options, phi, epsilon: Math.max(0.5, problem.epsilon) })
        if (p.size > 12) return
        gradcheck(f, [p])
        gradgradcheck(f, [p])
      })
    },
  )

  test('the rule sees Y and the number of elements, of the whole subset after merging', () => {
    scope(() => {
      const shape = [2, 2, 1]
      const x = tensor(Float64Array.of(1, 0, 1, 1), { shape })
      const seen: number[][] = []
      const phi = Partition.of('BI').keepWhere((...found) => {
        seen.push(found)
        return false
      })
      expect(diceLoss(x, x, { phi, epsilon: 1 }).item()).toBe(0)
      const parts = [0, 1].map((b) => overlapStatistics(x.slice([[b, b + 1]]), x.slice([[b, b + 1]]), { phi }))
      const [first, second] = parts
      if (first === undefined || second === undefined) throw new Error('two parts')
      const whole = merge(first, second)
      expect(finish(whole, { epsilon: 1, phi }).counted).toEqual(Uint8Array.of(0))
      expect(seen).toEqual([
        [3, 4, 0],
        [3, 4, 0],
      ])
      expect(structuredClone(whole)).toEqual(whole)
      expect(() => finish(whole, { epsilon: 1 })).toThrow(/adaptive/)
    })
  })
})

describe('validate', () => {
  test.prop([problems])('a Partition with every element in some subset is one', (problem) => {
    const { kind, uncovered, shared } = Partition.validate(asPartition(problem.phi), problem.shape)
    const holes = problem.subsetOf.filter((s) => s < 0).length
    expect([uncovered, shared]).toEqual([holes, 0])
    expect(kind).toBe(holes === 0 ? 'partition' : 'neither')
  })

  test.each([
    [
      [
        [0, 1],
        [2, 3],
      ],
      { kind: 'partition', uncovered: 0, shared: 0, withoutElements: 0 },
    ],
    [
      [
        [0, 1, 2],
        [2, 3],
      ],
      { kind: 'cover', uncovered: 0, shared: 1, withoutElements: 0 },
    ],
    [[[0, 1, 2, 3], []], { kind: 'cover', uncovered: 0, shared: 0, withoutElements: 1 }],
    [[[0], [2, 3]], { kind: 'neither', uncovered: 1, shared: 0, withoutElements: 0 }],
    [
      [
        [0, 0, 1],
        [3, 2],
      ],
      { kind: 'partition', uncovered: 0, shared: 0, withoutElements: 0 },
    ],
    [[], { kind: 'neither', uncovered: 4, shared: 0, withoutElements: 0 }],
  ])('%j', (family, report) => {
    expect(Partition.validate(family, [1, 4, 1])).toEqual(report)
  })

  test('labels beyond those used are subsets without elements, and an index outside Ω is an error', () => {
    const phi = Partition.labels(Int32Array.of(0, 0), { shape: [1, 2, 1], subsets: 2 })
    expect(Partition.validate(phi, [1, 2, 1])).toMatchObject({ kind: 'cover', withoutElements: 1 })
    expect(() => Partition.validate([[4]], [1, 4, 1])).toThrow(ShapeError)
  })
})
