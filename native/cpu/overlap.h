// What the overlap kernels are told, as in src/backend/overlap.ts: rows are voxels of (B, …, C) tensors, in C order.
#pragma once
#include <stdint.h>

#include "geometry.h"

namespace phigrad {

enum class Activation : int { none, sigmoid, softmax };

struct Overlap {
  int64_t batch, voxels, channels, firstChannel, subsets;
  Activation activation;
  // Whether Σ y² and Σ p² are wanted.
  bool squares;

  // subset(row, c) = Σ index·stride over `axes` axes that make up the rows, + (c − firstChannel)·channelStride. No axes: by labels.
  int64_t axes;
  int64_t sizes[kMostAxes], strides[kMostAxes];
  int64_t channelStride;

  // (B, …, C): float or double; target of the same kind or uint8.
  const void* prediction;
  const void* target;
  bool isDouble, hasByteTarget;
  // One of 1 or C values a row; null: every element counts.
  const uint8_t* mask;
  int64_t maskChannels;
  // (B, …, C): the subset of each element; below 0: none.
  const int32_t* labels;
  // (B, C): maps whose elements count; null for all.
  const uint8_t* annotated;
  // (C) factors on the elements of every sum, in subsets whose entry of factoredSubsets is not 0; null for 1 and for all.
  const double* channelFactors;
  const uint8_t* factoredSubsets;

  // 3 or 5: I, Y, P, Σ y², Σ p².
  int64_t sums() const { return squares ? 5 : 3; }
  double factor(int64_t subset, int64_t channel) const {
    if (channelFactors == nullptr || (factoredSubsets != nullptr && factoredSubsets[subset] == 0)) return 1;
    return channelFactors[channel];
  }
};

}  // namespace phigrad
