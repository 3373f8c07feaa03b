// Normalisation over the positions of each sample, affine map and leaky ReLU, and the vjp; x is (batch, positions, channels).
//
//   x̂ = (x − mean)·inverse    z = scale·x̂ + shift    out = z > 0 ? z : slope·z      inverse = 1/√(variance + ε)
//   d = outputGradient·(z > 0 ? 1 : slope)             scaleOut = Σ d·x̂              shiftOut = Σ d
//   xOut = scale·inverse·(d − Σ d/N − x̂·Σ d·x̂/N)
//
// Sums are float64: over chunks of a fixed size by whichever thread, then over the chunks in order. The variance is
// Σ(x − s)²/N − (Σ(x − s)/N)² around the sample's first voxel s, so that a large offset costs no digits; one read of x
// serves for both. The mean is split into two floats, since x − mean in float32 would lose what the mean's rounding loses.
// Loops run over the rows of periodic.h.
#pragma once
#include "../periodic.h"

namespace phigrad {
namespace {

inline Floats loadLanes(const float* p, int64_t lanes) { return lanes == kLanes ? load(p) : loadFirst(p, lanes); }

inline void addTerms(Floats first, Floats second, Doubles* sums) {
  const Doubles low = widenLow(first), high = widenHigh(first);
  sums[0] = sums[0] + low;
  sums[1] = sums[1] + high;
  sums[2] = fma(low, widenLow(second), sums[2]);
  sums[3] = fma(high, widenHigh(second), sums[3]);
}

// For every sample, the two sums per channel that `terms` adds up: totals (batch, 2, channels). makeTerms(sample) gives the
// terms of a sample, offsets counting from its first element.
template <typename MakeTerms>
inline void sumPerSample(const Row& row, const NormGeometry& g, const MakeTerms& makeTerms, double* totals) {
  const int64_t elements = g.positions * g.channels;
  const int64_t length = chunkLength(row);
  const int64_t chunks = ceilingDivide(elements, length);
  double* const parts = scratchOf<double>(Scratch::sharedD, g.batch * chunks * 2 * g.channels);
  parallel(g.batch * chunks, [&](int64_t task) {
    const int64_t begin = task % chunks * length;
    double* const first = scratchOf<double>(Scratch::taskA, row.padded);
    double* const second = scratchOf<double>(Scratch::taskB, row.padded);
    sumByPosition(row, begin, minimumOf(begin + length, elements), makeTerms(task / chunks), first, second);
    gatherChannels(row, first, parts + task * 2 * g.channels);
    gatherChannels(row, second, parts + (task * 2 + 1) * g.channels);
  });
  for (int64_t b = 0; b < g.batch; b++) {
    double* const total = totals + b * 2 * g.channels;
    for (int64_t c = 0; c < 2 * g.channels; c++) total[c] = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
      const double* const part = parts + (b * chunks + chunk) * 2 * g.channels;
      for (int64_t c = 0; c < 2 * g.channels; c++) total[c] += part[c];
    }
  }
}

// f(sample, begin, end) for pieces of the samples that start at rows.
template <typename Function>
inline void forEachChunk(const Row& row, const NormGeometry& g, const Function& f) {
  const int64_t elements = g.positions * g.channels;
  const int64_t length = chunkLength(row);
  const int64_t chunks = ceilingDivide(elements, length);
  parallel(g.batch * chunks, [&](int64_t task) {
    const int64_t begin = task % chunks * length;
    f(task / chunks, begin, minimumOf(begin + length, elements));
  });
}

inline void normStatistics(const float* x, double epsilon, const Row& row, const NormGeometry& g, double* mean,
                           double* inverseDeviation) {
  const int64_t elements = g.positions * g.channels;
  double* const totals = scratchOf<double>(Scratch::sharedB, g.batch * 2 * g.channels);
  double* const origins = scratchOf<double>(Scratch::sharedC, g.batch * row.padded);
  for (int64_t b = 0; b < g.batch; b++) {
    fillTable(row, origins + b * row.padded, [&](int64_t c) { return x[b * elements + c]; });
  }
  const auto makeTerms = [&](int64_t b) {
    const float* const sample = x + b * elements;
    const double* const origin = origins + b * row.padded;
    return [=](int64_t offset, int64_t at, int64_t lanes, Doubles* sums) {
      Floats value = loadLanes(sample + offset, lanes);
      Doubles low = widenLow(value) - load(origin + at);
      Doubles high = widenHigh(value) - load(origin + at + kDoubleLanes);
      if (lanes < kLanes) {
        low = lanes < kDoubleLanes ? keepFirst(low, lanes) : low;
        high = lanes < kDoubleLanes ? broadcast(0.0) : keepFirst(high, lanes - kDoubleLanes);
      }
      sums[0] = sums[0] + low;
      sums[1] = sums[1] + high;
      sums[2] = fma(low, low, sums[2]);
      sums[3] = fma(high, high, sums[3]);
    };
  };
  sumPerSample(row, g, makeTerms, totals);
  const double count = static_cast<double>(g.positions);
  for (int64_t b = 0; b < g.batch; b++) {
    for (int64_t c = 0; c < g.channels; c++) {
      const double shifted = totals[b * 2 * g.channels + c] / count;
      const double square = totals[(b * 2 + 1) * g.channels + c] / count;
      const double variance = square - shifted * shifted;
      mean[b * g.channels + c] = x[b * elements + c] + shifted;
      // Rounding may leave a variance of 0 just below it; NaN must stay.
      inverseDeviation[b * g.channels + c] = 1 / __builtin_sqrt((variance < 0 ? 0 : variance) + epsilon);
    }
  }
}

// The tables from which both passes work out z = (x − mean)·factor + constant, `padded` floats each.
struct AffineTables {
  const float *mean, *factor, *constant;
};

inline Floats affine(const AffineTables& t, Floats x, int64_t at, Floats& centred) {
  centred = x - load(t.mean + at);
  return fma(centred, load(t.factor + at), load(t.constant + at));
}

// factor = scale·inverse; constant = shift − (mean − float(mean))·factor.
inline AffineTables affineTables(const Row& row, const float* scale, const float* shift, const double* mean,
                                 const double* inverse, float* memory) {
  fillTable(row, memory, [&](int64_t c) { return mean[c]; });
  fillTable(row, memory + row.padded, [&](int64_t c) { return scale[c] * inverse[c]; });
  fillTable(row, memory + 2 * row.padded, [&](int64_t c) {
    return shift[c] - (mean[c] - static_cast<float>(mean[c])) * scale[c] * inverse[c];
  });
  return {memory, memory + row.padded, memory + 2 * row.padded};
}

void normActivation(const float* x, const float* scale, const float* shift, double epsilon, float slope,
                    const NormGeometry& g, float* out, double* mean, double* inverseDeviation) {
  const Row row = rowOf(g.channels);
  normStatistics(x, epsilon, row, g, mean, inverseDeviation);
  const int64_t elements = g.positions * g.channels;
  float* const memory = scratchOf<float>(Scratch::sharedA, g.batch * 3 * row.padded);
  for (int64_t b = 0; b < g.batch; b++) {
    const int64_t at = b * g.channels;
    affineTables(row, scale, shift, mean + at, inverseDeviation + at, memory + b * 3 * row.padded);
  }
  const Floats zero = broadcast(0.0f), slopes = broadcast(slope);
  forEachChunk(row, g, [&](int64_t b, int64_t begin, int64_t end) {
    const float* const base = memory + b * 3 * row.padded;
    const AffineTables tables = {base, base + row.padded, base + 2 * row.padded};
    const auto activate = [&](Floats value, int64_t at) {
      Floats centred;
      const Floats z = affine(tables, value, at, centred);
      return select(less(zero, z), z, slopes * z);
    };
    const float* const from = x + b * elements;
    float* const to = out + b * elements;
    forEachVector(
        row, begin, end, [&](int64_t offset, int64_t at) { store(to + offset, activate(load(from + offset), at)); },
        [&](int64_t offset, int64_t at, int64_t lanes) {
          storeFirst(to + offset, activate(loadFirst(from + offset, lanes), at), lanes);
        });
  });
}

// The tables of the backward pass: AffineTables, x̂ = (x − mean)·inverse + offset, and xOut = d·factor + (x − mean)·slope + rest.
constexpr int kGradientTables = 7;

struct GradientTables {
  AffineTables affine;
  float *inverse, *offset, *slope, *rest;
};

inline GradientTables gradientTables(const Row& row, const NormActivationGradient& a, int64_t sample, int64_t channels,
                                     float* memory, bool fill) {
  const int64_t padded = row.padded;
  const double* const mean = a.mean + sample * channels;
  const double* const inverse = a.inverseDeviation + sample * channels;
  const AffineTables affine = fill ? affineTables(row, a.scale, a.shift, mean, inverse, memory)
                                   : AffineTables{memory, memory + padded, memory + 2 * padded};
  const GradientTables tables = {affine, memory + 3 * padded, memory + 4 * padded, memory + 5 * padded,
                                 memory + 6 * padded};
  if (fill) {
    fillTable(row, tables.inverse, [&](int64_t c) { return inverse[c]; });
    fillTable(row, tables.offset,
              [&](int64_t c) { return -(mean[c] - static_cast<float>(mean[c])) * inverse[c]; });
  }
  return tables;
}

// Σ d and Σ d·x̂ per sample and channel: totals (batch, 2, channels).
inline void gradientSums(const NormActivationGradient& a, const Row& row, const NormGeometry& g, float* memory,
                         double* totals) {
  const int64_t elements = g.positions * g.channels;
  const Floats zero = broadcast(0.0f), slopes = broadcast(a.slope);
  const auto makeTerms = [&](int64_t b) {
    const GradientTables t = gradientTables(row, a, b, g.channels, memory + b * kGradientTables * row.padded, false);
    const float* const sample = a.x + b * elements;
    const float* const gradient = a.outputGradient + b * elements;
    return [=](int64_t offset, int64_t at, int64_t lanes, Doubles* sums) {
      Floats centred;
      const Floats z = affine(t.affine, loadLanes(sample + offset, lanes), at, centred);
      const Floats g = loadLanes(gradient + offset, lanes);
      const Floats d = select(less(zero, z), g, slopes * g);
      const Floats normal = fma(centred, load(t.inverse + at), load(t.offset + at));
      // Absent lanes load a gradient of 0; their x̂ is made 0 too, since 0·∞ is not.
      addTerms(d, lanes < kLanes ? keepFirst(normal, lanes) : normal, sums);
    };
  };
  sumPerSample(row, g, makeTerms, totals);
}

void normActivationGradient(const NormActivationGradient& a, const NormGeometry& g) {
  const Row row = rowOf(g.channels);
  const int64_t elements = g.positions * g.channels;
  float* const memory = scratchOf<float>(Scratch::sharedA, g.batch * kGradientTables * row.padded);
  double* const totals = scratchOf<double>(Scratch::sharedB, g.batch * 2 * g.channels);
  for (int64_t b = 0; b < g.batch; b++) {
    gradientTables(row, a, b, g.channels, memory + b * kGradientTables * row.padded, true);
  }
  gradientSums(a, row, g, memory, totals);
  const double count = static_cast<double>(g.positions);
  for (int64_t b = 0; b < g.batch; b++) {
    const GradientTables t = gradientTables(row, a, b, g.channels, memory + b * kGradientTables * row.padded, false);
    const double* const mean = a.mean + b * g.channels;
    const double* const inverse = a.inverseDeviation + b * g.channels;
    const double* const sums = totals + b * 2 * g.channels;
    const auto slopeOf = [&](int64_t c) { return -a.scale[c] * inverse[c] * inverse[c] * sums[g.channels + c] / count; };
    fillTable(row, t.slope, slopeOf);
    fillTable(row, t.rest, [&](int64_t c) {
      return -a.scale[c] * inverse[c] * sums[c] / count - slopeOf(c) * (mean[c] - static_cast<float>(mean[c]));
    });
  }
  for (int64_t c = 0; c < g.channels; c++) {
    double shift = 0, scale = 0;
    for (int64_t b = 0; b < g.batch; b++) {
      shift += totals[b * 2 * g.channels + c];
      scale += totals[(b * 2 + 1) * g.channels + c];
    }
    a.shiftOut[c] = static_cast<float>(shift);
    a.scaleOut[c] = static_cast<float>(scale);
  }
  const Floats zero = broadcast(0.0f), slopes = broadcast(a.slope);
  forEachChunk(row, g, [&](int64_t b, int64_t begin, int64_t end) {
    const GradientTables t = gradientTables(row, a, b, g.channels, memory + b * kGradientTables * row.padded, false);
    const float* const from = a.x + b * elements;
    const float* const gradient = a.outputGradient + b * elements;
    float* const to = a.xOut + b * elements;
    const auto derivative = [&](Floats value, Floats g, int64_t at) {
      Floats centred;
      const Floats z = affine(t.affine, value, at, centred);
      const Floats d = select(less(zero, z), g, slopes * g);
      return fma(d, load(t.affine.factor + at), fma(centred, load(t.slope + at), load(t.rest + at)));
    };
    forEachVector(
        row, begin, end,
        [&](int64_t offset, int64_t at) {
          store(to + offset, derivative(load(from + offset), load(gradient + offset), at));
        },
        [&](int64_t offset, int64_t at, int64_t lanes) {
          const Floats value = loadFirst(from + offset, lanes);
          storeFirst(to + offset, derivative(value, loadFirst(gradient + offset, lanes), at), lanes);
        });
  });
}

}  // namespace
}  // namespace phigrad
