// The kernels of one instruction set, put into its table. Included once by each isa_*.cc, after its target pragma.
// Nothing below may include a C++ standard header; C headers hold no inline functions that could leak.
#pragma once
#include "kernels.h"
#include "parallel.h"
#include "simd.h"

#include "kernels/adam.h"
#include "kernels/binary.h"
#include "kernels/convert.h"
#include "kernels/convolution.h"
#include "kernels/elementwise.h"
#include "kernels/layout.h"
#include "kernels/norm.h"
#include "kernels/overlap-gradient.h"
#include "kernels/overlap-statistics.h"
#include "kernels/pool3d.h"
#include "kernels/reduce.h"
#include "kernels/segments.h"
#include "kernels/upsample.h"

namespace phigrad {

extern const KernelTable PHIGRAD_TABLE;
const KernelTable PHIGRAD_TABLE = {
    .isa = PHIGRAD_ISA_NAME,
    .lanes = kLanes,
    .convolution = convolutionTable,
    .unary = unary,
    .binary = binary,
    .compare = compare,
    .where = where,
    .copy = copy,
    .cast = cast,
    .sum = sum,
    .extremum = extremum,
    .segmentSum = segmentSum,
    .segmentExpand = segmentExpand,
    .softmax = softmax,
    .concatPart = concatPart,
    .pad = pad,
    .normActivation = normActivation,
    .normActivationGradient = normActivationGradient,
    .maxPool3d = maxPool3d,
    .maxPool3dIndices = maxPool3dIndices,
    .maxPool3dGradient = maxPool3dGradient,
    .upsampleConcat = upsampleConcat,
    .upsampleConcatGradient = upsampleConcatGradient,
    .overlapStatistics = overlapStatistics,
    .overlapGradient = overlapGradient,
    .adamStep = adamStep,
};

}  // namespace phigrad
