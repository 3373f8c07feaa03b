// The three passes of a 3-D convolution in float32: plans, packing and threads around the register tiles of `table`.
// Arrays are dense, channels last: x (B, X, Y, Z, Cin), weight (kx, ky, kz, Cin/groups, Cout), out (B, X', Y', Z',
// Cout). Every element of the last argument is written. Results have the same bits on any number of threads.
#pragma once
#include "gather.h"
#include "tiles.h"

namespace phigrad {

// out[b, o, d] = bias[d] + Σ_t Σ_c x[b, o·stride − padding + t·dilation, c] · weight[t, c, d]; bias may be null.
void convolution(const ConvolutionTable& table, const ConvolutionGeometry& geometry, const float* x,
                 const float* weight, const float* bias, float* out);

// The vjp of convolution for x, which is also the forward pass of a transposed convolution.
void convolutionInputGradient(const ConvolutionTable& table, const ConvolutionGeometry& geometry,
                              const float* outGradient, const float* weight, float* xGradient);

// The vjp of convolution for weight.
void convolutionWeightGradient(const ConvolutionTable& table, const ConvolutionGeometry& geometry, const float* x,
                               const float* outGradient, float* weightGradient);

}  // namespace phigrad
