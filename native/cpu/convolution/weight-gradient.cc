// Weight gradient of a convolution: for each run of taps and channels, a product of the slab and the output's
// gradient over positions.
//
//   the positions of each group are dealt out to at most 16 chunks of boxes, by the sizes alone
//   for each chunk (where chunks are few: and each share of the blocks of output channels and runs):
//     for each box: pack its slab; for each block: pack the gradient's rows (position, channel of the block)
//       for each 192 positions: for each run: for each 12 terms: a register tile (kernels/convolution-tiles.h)
//   the chunks' sums are added in pairs, then pairs of pairs, and written in the weight's layout
//
// Where several tasks read one box, slabs and gradient rows are packed beforehand.
#include <cstring>

#include "convolution.h"
#include "panels.h"
#include "slab.h"
#include "../parallel.h"

namespace phigrad {
namespace {

constexpr int64_t mostChunks = 16;
constexpr int64_t wantedTasks = 16;
// Positions of a chunk, at least: adding up and writing sums then costs little next to computing them.
constexpr int64_t chunkPositions = 2048;
// Multiply-adds below which everything is one task.
constexpr int64_t serialWork = 1 << 20;
// Largest slabs and gradient rows that are packed for all boxes at once: 64 MB.
constexpr int64_t mostSharedFloats = int64_t{1} << 24;

int64_t chunksOf(const Gather& gather) {
  return std::clamp<int64_t>(gather.batch * gather.positions() / chunkPositions, 1, mostChunks);
}

class WeightContraction {
 public:
  WeightContraction(const ConvolutionTable& table, const Gather& gather, int64_t chunks)
      : gather_(gather),
        tiles_(tilesFor(table.weightGradient, gather.targetGroup())),
        blocks_(channelBlocks(gather.targetGroup(), tiles_.lanes)),
        width_(paddedChannels(gather.targetGroup(), tiles_.lanes)),
        boxes_(gather, chunks * gather.groups),
        boxesOfGroup_(boxes_.count() / gather.groups),
        chunks_(std::min(chunks, boxesOfGroup_)),
        units_(static_cast<int64_t>(blocks_.size()) * gather.runs()) {}

  void run(const float* x, const float* outGradient, float* weightGradient) {
    const int64_t work = gather_.batch * gather_.positions() * gather_.terms() * gather_.target.channels;
    const int64_t whole = gather_.groups * chunks_;
    const int64_t shares = work < serialWork || whole >= wantedTasks / 2 ? 1 : std::min(units_, wantedTasks / whole);
    sums_ = scratchOf<float>(Scratch::sharedA, whole * gather_.terms() * width_);
    if (shares > 1 && boxes_.count() * (boxes_.slabFloats() + boxes_.positions() * width_) <= mostSharedFloats) {
      packAll(x, outGradient);
    }
    parallel(whole * shares, [&](int64_t task) {
      const int64_t share = task % shares;
      addChunk(task / shares, share * units_ / shares, (share + 1) * units_ / shares, x, outGradient);
    });
    parallelRanges(gather_.groups * units_, work < serialWork ? gather_.groups * units_ : 1,
                   [&](int64_t begin, int64_t end) {
                     for (int64_t unit = begin; unit < end; ++unit) writeUnit(unit, weightGradient);
                   });
  }

 private:
  const ChannelBlock& block(int64_t index) const { return blocks_[static_cast<size_t>(index)]; }
  int64_t blockCount() const { return static_cast<int64_t>(blocks_.size()); }

  // Sums of (group, chunk), from the given run of a block on: (block, run, term, channel of the block).
  float* sums(int64_t group, int64_t chunk, const ChannelBlock& of, int64_t run) const {
    return sums_ + (group * chunks_ + chunk) * gather_.terms() * width_ + of.firstChannel * gather_.terms() +
           run * gather_.run() * of.width;
  }

  BoxOffsets offsetsOf(const Box& box, bool ofTargets) const {
    const int64_t positions = box.positions();
    const BoxOffsets offsets = BoxOffsets::within(
        scratchOf<ptrdiff_t>(Scratch::taskB, BoxOffsets::count(gather_, positions)), positions);
    placeRows(gather_, box, boxes_.inPlace(), offsets);
    if (ofTargets) placeTargets(gather_, box, offsets);
    return offsets;
  }

  void packGradient(const float* outGradient, const BoxOffsets& offsets, int64_t positions, const ChannelBlock& of,
                    float* packed) const {
    tiles_.packRows({outGradient + of.firstChannel, offsets.places, 0, 1, positions, of.channels, of.vectors, packed});
  }

  void packAll(const float* x, const float* outGradient) {
    slabs_ = scratchOf<float>(Scratch::sharedB, boxes_.count() * boxes_.slabFloats());
    gradients_ = scratchOf<float>(Scratch::sharedC, boxes_.count() * boxes_.positions() * width_);
    parallel(boxes_.count(), [&](int64_t index) {
      const Box box = boxes_.at(index);
      packSlab(gather_, box, boxes_.inPlace(), x, slabs_ + index * boxes_.slabFloats());
      const BoxOffsets offsets = offsetsOf(box, true);
      for (const ChannelBlock& of : blocks_) {
        packGradient(outGradient, offsets, box.positions(), of, gradient(index, of));
      }
    });
  }

  // Gradient rows of a box and block that packAll packed.
  float* gradient(int64_t index, const ChannelBlock& of) const {
    return gradients_ + boxes_.positions() * (index * width_ + of.firstChannel);
  }

  // Adds up one chunk for the units firstUnit … endUnit − 1, a unit being one run of one block.
  void addChunk(int64_t groupChunk, int64_t firstUnit, int64_t endUnit, const float* x,
                const float* outGradient) const {
    const int64_t group = groupChunk / chunks_;
    const int64_t chunk = groupChunk % chunks_;
    const int64_t runs = gather_.runs();
    const int64_t first = group * boxesOfGroup_ + chunk * boxesOfGroup_ / chunks_;
    const int64_t end = group * boxesOfGroup_ + (chunk + 1) * boxesOfGroup_ / chunks_;
    for (int64_t index = first; index < end; ++index) {
      const Box box = boxes_.at(index);
      const BoxOffsets offsets = offsetsOf(box, gradients_ == nullptr);
      float* memory = slabs_ != nullptr ? slabs_ + index * boxes_.slabFloats()
                                        : scratchOf<float>(Scratch::taskA, boxes_.slabFloats());
      const float* slab = slabs_ != nullptr && !boxes_.inPlace()
                              ? memory
                              : packSlab(gather_, box, boxes_.inPlace(), x, memory);
      for (int64_t b = firstUnit / runs; b < ceilingDivide(endUnit, runs); ++b) {
        const ChannelBlock& of = block(b);
        const int64_t run = std::max<int64_t>(0, firstUnit - b * runs);
        const int64_t count = std::min(runs, endUnit - b * runs) - run;
        float* to = sums(group, chunk, of, run);
        if (index == first) std::memset(to, 0, static_cast<size_t>(count * gather_.run() * of.width) * sizeof(float));
        const float* rows = gradients_ != nullptr ? gradient(index, of) : packLocal(outGradient, offsets, box, of);
        tiles_.run({viewOf(gather_, box, slab, offsets, boxes_.inPlace(), run, count),
                               rows,
                               of.vectors,
                               to});
      }
    }
  }

  const float* packLocal(const float* outGradient, const BoxOffsets& offsets, const Box& box,
                         const ChannelBlock& of) const {
    float* packed = scratchOf<float>(Scratch::taskC, boxes_.positions() * of.width);
    packGradient(outGradient, offsets, box.positions(), of, packed);
    return packed;
  }

  void writeUnit(int64_t unit, float* weightGradient) const {
    const int64_t group = unit / units_;
    const ChannelBlock& of = block(unit % units_ / gather_.runs());
    const int64_t run = unit % gather_.runs();
    const int64_t floats = gather_.run() * of.width;
    for (int64_t step = 1; step < chunks_; step *= 2) {
      for (int64_t chunk = 0; chunk + step < chunks_; chunk += 2 * step) {
        float* to = sums(group, chunk, of, run);
        const float* from = sums(group, chunk + step, of, run);
        for (int64_t i = 0; i < floats; ++i) to[i] += from[i];
      }
    }
    const int64_t channels = gather_.target.channels;
    const float* from = sums(group, 0, of, run);
    float* to = weightGradient + run * gather_.run() * channels + group * gather_.targetGroup() + of.firstChannel;
    for (int64_t i = 0; i < gather_.run(); ++i) {
      std::memcpy(to + i * channels, from + i * of.width, static_cast<size_t>(of.channels) * sizeof(float));
    }
  }

  const Gather& gather_;
  const ConvolutionTiles<WeightBlock>& tiles_;
  std::vector<ChannelBlock> blocks_;
  // Channels of a group, rounded up to whole vectors.
  int64_t width_;
  Boxes boxes_;
  int64_t boxesOfGroup_;
  int64_t chunks_;
  int64_t units_;
  float* sums_ = nullptr;
  float* slabs_ = nullptr;
  float* gradients_ = nullptr;
};

}  // namespace

void convolutionWeightGradient(const ConvolutionTable& table, const ConvolutionGeometry& g, const float* x,
                               const float* outGradient, float* weightGradient) {
  const Volume source{sizesOf(g.input), g.inChannels};
  const Volume target{sizesOf(g.output), g.outChannels};
  const Gather gather{g.batch, g.groups, source, target, forwardAxes(g)};
  if (gather.terms() * g.outChannels == 0) return;
  if (g.batch * gather.positions() == 0) {
    std::memset(weightGradient, 0, static_cast<size_t>(gather.terms() * g.outChannels) * sizeof(float));
    return;
  }
  WeightContraction(table, gather, chunksOf(gather)).run(x, outGradient, weightGradient);
}

}  // namespace phigrad
