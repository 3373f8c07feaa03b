// Sums over the segments of a label map, and their transpose. Sums are float64: per chunk of elements, of a size that depends on
// the sizes only, then over the chunks in order. Labels outside [0, segments) are in no segment.
#pragma once
#include "../parallel.h"

namespace phigrad {
namespace {

inline bool isSegment(int32_t label, int64_t segments) { return label >= 0 && label < segments; }

void segmentSum(const float* x, const int32_t* labels, int64_t count, int64_t segments, float* out) {
  // All accumulators together stay below 16 MiB, or there is one chunk.
  const int64_t most = maximumOf(1, minimumOf(64, (int64_t{1} << 21) / maximumOf(1, segments)));
  const int64_t chunk = maximumOf(ceilingDivide(count, most), 16384);
  const int64_t chunks = maximumOf(1, ceilingDivide(count, chunk));
  double* const parts = scratchOf<double>(Scratch::sharedA, chunks * segments);
  parallel(chunks, [&](int64_t task) {
    double* const part = parts + task * segments;
    for (int64_t s = 0; s < segments; s++) part[s] = 0;
    const int64_t end = minimumOf((task + 1) * chunk, count);
    for (int64_t i = task * chunk; i < end; i++)
      if (isSegment(labels[i], segments)) part[labels[i]] += static_cast<double>(x[i]);
  });
  parallelRanges(segments, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; s++) {
      double total = 0;
      for (int64_t task = 0; task < chunks; task++) total += parts[task * segments + s];
      out[s] = static_cast<float>(total);
    }
  });
}

void segmentExpand(const float* x, const int32_t* labels, int64_t count, int64_t segments, float* out) {
  parallelRanges(count, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) out[i] = isSegment(labels[i], segments) ? x[labels[i]] : 0;
  });
}

}  // namespace
}  // namespace phigrad
