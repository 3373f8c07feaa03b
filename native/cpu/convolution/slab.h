// Boxes of target positions, and the packed slab of the source that a box reads: zero-padded, so that the register
// tiles know neither borders, nor strides, nor groups. The z taps of a position and their channels follow one another
// in a slab.
//
// Along each axis a slab is either dense (source indices from the first one met to the last one) or, where that is
// shorter, explicit (`taps` entries for each position). Either way position i at tap t is entry i·rowStep +
// t·tapStep. A box that never reaches outside the source is read in place, without a copy, where the source is laid
// out that way already.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gather.h"
#include "tiles.h"

namespace phigrad {

// The source of a contraction: a volume, cut into groups of channels, and how targets gather it.
struct Gather {
  int64_t batch;
  int64_t groups;
  Volume source;
  Volume target;
  GatherAxes axes;

  int64_t positions() const { return axes[0].positions * axes[1].positions * axes[2].positions; }
  int64_t sourceGroup() const { return source.channels / groups; }
  int64_t targetGroup() const { return target.channels / groups; }
  // Runs of a position (x taps · y taps), floats of a run (z taps · channels of the group), and floats of all of them.
  int64_t runs() const { return axes[0].taps * axes[1].taps; }
  int64_t run() const { return axes[2].taps * sourceGroup(); }
  int64_t terms() const { return runs() * run(); }
};

struct Box {
  int64_t sample;
  int64_t group;
  Sizes first;
  Sizes count;

  int64_t positions() const { return volume(count); }
};

// How the positions of a gather are cut into boxes; depends on its sizes only.
class Boxes {
 public:
  // At least `leastBoxes` boxes where that leaves each of them work enough.
  Boxes(const Gather& gather, int64_t leastBoxes);

  int64_t count() const { return count_; }
  Box at(int64_t index) const;
  // Most positions of a box.
  int64_t positions() const { return volume(size_); }
  // Floats of the largest slab, 0 where every box is read in place.
  int64_t slabFloats() const { return inPlace_ ? 0 : slabFloats_; }
  bool inPlace() const { return inPlace_; }

 private:
  const Gather& gather_;
  Sizes size_;
  Sizes boxes_;
  int64_t count_;
  int64_t slabFloats_;
  bool inPlace_;
};

// Offsets of one box: of its positions in the slab, of its runs in the slab, and of its positions in the target.
struct BoxOffsets {
  ptrdiff_t* rows;
  ptrdiff_t* places;
  ptrdiff_t* taps;

  static int64_t count(const Gather& gather, int64_t positions) { return 2 * positions + gather.runs(); }
  static BoxOffsets within(ptrdiff_t* memory, int64_t positions) {
    return {memory, memory + positions, memory + 2 * positions};
  }
};

// Packs the slab of a box into `memory` (unread in place) and returns what to read.
const float* packSlab(const Gather& gather, const Box& box, bool inPlace, const float* source, float* memory);

// Rows and taps of a box's slab.
void placeRows(const Gather& gather, const Box& box, bool inPlace, const BoxOffsets& offsets);

// What a tile reads of a packed box: the runs run … run + runs − 1.
SlabView viewOf(const Gather& gather, const Box& box, const float* slab, const BoxOffsets& offsets, bool inPlace,
                int64_t run, int64_t runs);

// Offsets, in floats from the start of the target, of the first channel of the box's group at the box's positions.
void placeTargets(const Gather& gather, const Box& box, const BoxOffsets& offsets);

}  // namespace phigrad
