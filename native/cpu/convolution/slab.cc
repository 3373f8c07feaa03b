#include "slab.h"

#include <algorithm>
#include <cstring>

namespace phigrad {
namespace {

// Floats of a slab that leave room for weights in a second-level cache of 1 MB.
constexpr int64_t mostSlabFloats = 96 * 1024;
// Multiply-adds below which a box is not made smaller for the sake of more boxes.
constexpr int64_t leastBoxWork = 1 << 19;

struct SlabAxis {
  int64_t size;
  int64_t rowStep;
  int64_t tapStep;
  bool dense;
};

// z must be dense with neighbouring taps, or explicit: only then a run is contiguous.
SlabAxis slabAxis(const AxisGather& axis, int64_t positions, bool last) {
  const int64_t dense = (positions - 1) * axis.step + (axis.taps - 1) * axis.tapStep + 1;
  const int64_t explicitSize = positions * axis.taps;
  const bool contiguous = axis.tapStep == 1 || axis.taps == 1;
  if (dense <= explicitSize && (contiguous || !last)) return {dense, axis.step, axis.tapStep, true};
  return {explicitSize, axis.taps, 1, false};
}

int64_t slabFloats(const Gather& gather, const Sizes& count) {
  int64_t floats = gather.sourceGroup();
  for (size_t axis = 0; axis < 3; ++axis) floats *= slabAxis(gather.axes[axis], count[axis], axis == 2).size;
  return floats;
}

bool staysInside(const AxisGather& axis, int64_t size) {
  const int64_t last = axis.origin + (axis.positions - 1) * axis.step + (axis.taps - 1) * axis.tapStep;
  return axis.origin >= 0 && last < size;
}

// True where the source itself serves as the slab of every box.
bool readsInPlace(const Gather& gather) {
  const AxisGather& z = gather.axes[2];
  const bool contiguous = z.taps == 1 || (z.tapStep == 1 && gather.groups == 1);
  for (size_t axis = 0; axis < 3; ++axis) {
    if (!staysInside(gather.axes[axis], gather.source.size[axis])) return false;
  }
  return contiguous;
}

int64_t evenly(int64_t positions, int64_t most) {
  const int64_t boxes = (positions + most - 1) / most;
  return (positions + boxes - 1) / boxes;
}

// Whole z lines while they fit, then squares in x and y: those share most of their borders.
Sizes boxSize(const Gather& gather, int64_t mostPositions) {
  const GatherAxes& axes = gather.axes;
  Sizes size{1, 1, axes[2].positions};
  const auto fits = [&](const Sizes& wanted) {
    return slabFloats(gather, wanted) <= mostSlabFloats && volume(wanted) <= mostPositions;
  };
  while (size[2] > 1 && !fits(size)) size[2] = (size[2] + 1) / 2;
  for (bool grows = true; grows;) {
    grows = false;
    const size_t smaller = size[0] < size[1] ? 0 : 1;
    for (const size_t axis : {smaller, 1 - smaller}) {
      Sizes wanted = size;
      ++wanted[axis];
      if (wanted[axis] > axes[axis].positions || !fits(wanted)) continue;
      size = wanted;
      grows = true;
      break;
    }
  }
  for (size_t axis = 0; axis < 3; ++axis) size[axis] = evenly(axes[axis].positions, size[axis]);
  return size;
}

void copyVoxels(const float* from, int64_t fromChannels, float* to, int64_t channels, int64_t voxels) {
  if (fromChannels == channels) {
    std::memcpy(to, from, static_cast<size_t>(voxels * channels) * sizeof(float));
    return;
  }
  for (int64_t v = 0; v < voxels; ++v) {
    std::memcpy(to + v * channels, from + v * fromChannels, static_cast<size_t>(channels) * sizeof(float));
  }
}

void clear(float* to, int64_t floats) { std::memset(to, 0, static_cast<size_t>(floats) * sizeof(float)); }

// Source index of a slab's entry along one axis, for a box whose first position is `first`.
int64_t sourceIndex(const AxisGather& axis, const SlabAxis& slab, int64_t first, int64_t entry) {
  const int64_t origin = axis.origin + first * axis.step;
  return slab.dense ? origin + entry : origin + entry / axis.taps * axis.step + entry % axis.taps * axis.tapStep;
}

// One z line of a slab from one z line of the source.
void packLine(const Gather& gather, const Box& box, const SlabAxis& slab, const float* line, float* to) {
  const int64_t channels = gather.sourceGroup();
  const int64_t size = gather.source.size[2];
  const AxisGather& axis = gather.axes[2];
  if (!slab.dense) {
    for (int64_t entry = 0; entry < slab.size; ++entry) {
      const int64_t z = sourceIndex(axis, slab, box.first[2], entry);
      float* voxel = to + entry * channels;
      if (z < 0 || z >= size) clear(voxel, channels);
      else copyVoxels(line + z * gather.source.channels, channels, voxel, channels, 1);
    }
    return;
  }
  const int64_t origin = sourceIndex(axis, slab, box.first[2], 0);
  const int64_t begin = std::min(slab.size, std::max<int64_t>(0, -origin));
  const int64_t end = std::max(begin, std::min(slab.size, size - origin));
  clear(to, begin * channels);
  if (begin < end) {
    const float* from = line + (origin + begin) * gather.source.channels;
    copyVoxels(from, gather.source.channels, to + begin * channels, channels, end - begin);
  }
  clear(to + end * channels, (slab.size - end) * channels);
}

}  // namespace

Boxes::Boxes(const Gather& gather, int64_t leastBoxes) : gather_(gather) {
  const int64_t all = gather.positions() * gather.batch * gather.groups;
  const int64_t work = std::max<int64_t>(1, gather.terms() * gather.targetGroup());
  const int64_t wanted = std::max((all + leastBoxes - 1) / leastBoxes, leastBoxWork / work);
  size_ = boxSize(gather, std::max<int64_t>(mostTilePositions, wanted));
  count_ = gather.batch * gather.groups;
  for (size_t axis = 0; axis < 3; ++axis) {
    boxes_[axis] = (gather.axes[axis].positions + size_[axis] - 1) / size_[axis];
    count_ *= boxes_[axis];
  }
  slabFloats_ = phigrad::slabFloats(gather, size_);
  inPlace_ = readsInPlace(gather);
}

Box Boxes::at(int64_t index) const {
  Box box;
  for (size_t axis = 3; axis-- > 0;) {
    box.first[axis] = index % boxes_[axis] * size_[axis];
    box.count[axis] = std::min(size_[axis], gather_.axes[axis].positions - box.first[axis]);
    index /= boxes_[axis];
  }
  box.sample = index % gather_.batch;
  box.group = index / gather_.batch;
  return box;
}

const float* packSlab(const Gather& gather, const Box& box, bool inPlace, const float* source, float* memory) {
  const auto& [x, y, z] = gather.axes;
  const Sizes& size = gather.source.size;
  const int64_t channels = gather.source.channels;
  const float* sample = source + box.sample * volume(size) * channels + box.group * gather.sourceGroup();
  if (inPlace) {
    const int64_t voxel = ((x.origin + box.first[0] * x.step) * size[1] + y.origin + box.first[1] * y.step) * size[2];
    return sample + (voxel + z.origin + box.first[2] * z.step) * channels;
  }
  const SlabAxis slabX = slabAxis(x, box.count[0], false);
  const SlabAxis slabY = slabAxis(y, box.count[1], false);
  const SlabAxis slabZ = slabAxis(z, box.count[2], true);
  const int64_t line = slabZ.size * gather.sourceGroup();
  float* to = memory;
  for (int64_t i = 0; i < slabX.size; ++i) {
    const int64_t sourceX = sourceIndex(x, slabX, box.first[0], i);
    for (int64_t j = 0; j < slabY.size; ++j, to += line) {
      const int64_t sourceY = sourceIndex(y, slabY, box.first[1], j);
      const bool inside = sourceX >= 0 && sourceX < size[0] && sourceY >= 0 && sourceY < size[1];
      if (!inside) clear(to, line);
      else packLine(gather, box, slabZ, sample + (sourceX * size[1] + sourceY) * size[2] * channels, to);
    }
  }
  return memory;
}

void placeRows(const Gather& gather, const Box& box, bool inPlace, const BoxOffsets& offsets) {
  const auto& [x, y, z] = gather.axes;
  SlabAxis slabX = slabAxis(x, box.count[0], false);
  SlabAxis slabY = slabAxis(y, box.count[1], false);
  SlabAxis slabZ = slabAxis(z, box.count[2], true);
  ptrdiff_t pitchZ = gather.sourceGroup();
  if (inPlace) {
    slabX = {0, x.step, x.tapStep, true};
    slabY = {gather.source.size[1], y.step, y.tapStep, true};
    slabZ = {gather.source.size[2], z.step, z.tapStep, true};
    pitchZ = gather.source.channels;
  }
  const ptrdiff_t pitchY = slabZ.size * pitchZ;
  const ptrdiff_t pitchX = slabY.size * pitchY;
  const ptrdiff_t step = slabZ.rowStep * pitchZ;
  ptrdiff_t* row = offsets.rows;
  for (int64_t i = 0; i < box.count[0]; ++i) {
    for (int64_t j = 0; j < box.count[1]; ++j) {
      const ptrdiff_t start = i * slabX.rowStep * pitchX + j * slabY.rowStep * pitchY;
      for (int64_t k = 0; k < box.count[2]; ++k) *row++ = start + k * step;
    }
  }
  ptrdiff_t* tap = offsets.taps;
  for (int64_t i = 0; i < x.taps; ++i) {
    for (int64_t j = 0; j < y.taps; ++j) *tap++ = i * slabX.tapStep * pitchX + j * slabY.tapStep * pitchY;
  }
}

SlabView viewOf(const Gather& gather, const Box& box, const float* slab, const BoxOffsets& offsets, bool inPlace,
                int64_t run, int64_t runs) {
  const AxisGather& z = gather.axes[2];
  const bool neighbours = z.step == 1 && (inPlace || slabAxis(z, box.count[2], true).dense);
  const int64_t voxel = inPlace ? gather.source.channels : gather.sourceGroup();
  const int64_t line = neighbours ? box.count[2] : 1;
  return {slab, offsets.rows, box.positions(), offsets.taps + run, runs, gather.run(), line, voxel};
}

void placeTargets(const Gather& gather, const Box& box, const BoxOffsets& offsets) {
  const auto& [x, y, z] = gather.axes;
  const Sizes& size = gather.target.size;
  const int64_t channels = gather.target.channels;
  const int64_t sample = box.sample * volume(size);
  const ptrdiff_t step = z.targetStep * channels;
  ptrdiff_t* place = offsets.places;
  for (int64_t i = 0; i < box.count[0]; ++i) {
    const int64_t targetX = x.targetOrigin + (box.first[0] + i) * x.targetStep;
    for (int64_t j = 0; j < box.count[1]; ++j) {
      const int64_t targetY = y.targetOrigin + (box.first[1] + j) * y.targetStep;
      const int64_t line = sample + (targetX * size[1] + targetY) * size[2] + z.targetOrigin;
      const ptrdiff_t start = (line + box.first[2] * z.targetStep) * channels + box.group * gather.targetGroup();
      for (int64_t k = 0; k < box.count[2]; ++k) *place++ = start + k * step;
    }
  }
}

}  // namespace phigrad
