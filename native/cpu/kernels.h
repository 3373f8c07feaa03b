// The table of kernels: one per instruction set, all of the same behaviour. Sizes and lengths were checked by the entries
// (entries/*.cc); a kernel reads and writes nothing outside them, writes every element of its outputs, and uses the pool
// and scratch memory of runtime.h itself. Outputs never overlap inputs unless a line says so.
#pragma once
#include <stdint.h>

#include "convolution/tiles.h"
#include "geometry.h"
#include "overlap.h"

namespace phigrad {

enum class UnaryOp : int { neg, exp, log, sqrt, sigmoid, relu, leakyRelu, abs, count };
enum class BinaryOp : int { add, sub, mul, div, pow, minimum, maximum, count };
enum class Comparison : int { equal, notEqual, less, lessEqual, greater, greaterEqual, count };

// What cast converts: from, to. A bool is 1 where x ≠ 0, NaN included.
enum class Cast : int { floatToDouble, doubleToFloat, byteToFloat, floatToBool, count };

struct AdamStep {
  double learningRate, beta1, beta2, epsilon, weightDecay, step;
};

struct NormActivationGradient {
  const float *x, *scale, *shift;
  const double *mean, *inverseDeviation;
  const float* outputGradient;
  float slope;
  float *xOut, *scaleOut, *shiftOut;
};

struct KernelTable {
  const char* isa;
  // Floats in a vector.
  int lanes;

  // kernels/convolution.h: register tiles, which the drivers in convolution/ call.
  ConvolutionTable convolution;

  // kernels/elementwise.h: `parameter` is the slope of leakyRelu.
  void (*unary)(UnaryOp op, const float* x, float parameter, int64_t count, float* out);

  // kernels/binary.h: operands are strided, out is dense.
  void (*binary)(BinaryOp op, const Strided& a, const Strided& b, int64_t count, float* out);
  void (*compare)(Comparison op, const Strided& a, const Strided& b, int64_t count, uint8_t* out);
  void (*where)(const Strided& condition, const Strided& a, const Strided& b, int64_t count, float* out);

  // kernels/convert.h: dense copies of strided elements of 1, 4 or 8 bytes, and conversions.
  void (*copy)(const Strided& x, int64_t bytesPerElement, int64_t count, void* out);
  void (*cast)(Cast conversion, const void* x, int64_t count, void* out);

  // kernels/reduce.h: x is (groups, length, width); out (groups, width) is Σ, or the extremum, over length. An input or an
  // output of doubles serves reductions in several steps.
  void (*sum)(const void* x, bool fromDouble, const ReduceGeometry& g, void* out, bool toDouble);
  void (*extremum)(bool largest, const float* x, const ReduceGeometry& g, float* out);

  // kernels/segments.h: labels outside [0, segments) are in no segment.
  void (*segmentSum)(const float* x, const int32_t* labels, int64_t count, int64_t segments, float* out);
  void (*segmentExpand)(const float* x, const int32_t* labels, int64_t count, int64_t segments, float* out);

  // kernels/layout.h
  void (*softmax)(const float* x, int64_t rows, int64_t classes, float* out);
  void (*concatPart)(const float* x, int64_t blocks, int64_t length, int64_t step, float* out);
  void (*pad)(const float* x, const Strided& target, int64_t offset, float value, int64_t count, float* out);

  // kernels/norm.h
  void (*normActivation)(const float* x, const float* scale, const float* shift, double epsilon, float slope,
                         const NormGeometry& g, float* out, double* mean, double* inverseDeviation);
  void (*normActivationGradient)(const NormActivationGradient& arrays, const NormGeometry& g);

  // kernels/pool3d.h
  void (*maxPool3d)(const float* x, const PoolGeometry& g, float* out);
  void (*maxPool3dIndices)(const float* x, const PoolGeometry& g, int32_t* out);
  void (*maxPool3dGradient)(const float* x, const float* outputGradient, const PoolGeometry& g, float* out);

  // kernels/upsample.h: with skipChannels = 0 and a null skip these are plain upsampling.
  void (*upsampleConcat)(const float* skip, const float* x, int64_t skipChannels, const UpsampleGeometry& g, float* out);
  void (*upsampleConcatGradient)(const float* outputGradient, int64_t skipChannels, const UpsampleGeometry& g,
                                 float* skipOut, float* xOut);

  // kernels/overlap-statistics.h and overlap-gradient.h: sums and partials are (sums, subsets); an output may be null.
  void (*overlapStatistics)(const Overlap& overlap, double* sums, double* counts);
  void (*overlapGradient)(const Overlap& overlap, const double* partials, void* predictionOut, void* targetOut);

  // kernels/adam.h: parameter and moments change in place.
  void (*adamStep)(float* parameter, const float* gradient, float* firstMoment, float* secondMoment, int64_t count,
                   const AdamStep& options);
};

extern const KernelTable baseTable, avx2Table, avx512Table, neonTable;

}  // namespace phigrad
