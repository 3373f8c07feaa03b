// Forward convolution and its input gradient: one contraction that differs in how targets meet sources and in which
// of the weight's two channel axes is summed over.
//
//   pack the weights into panels (group, block of 1 to 3 vectors of target channels, run, term, channel of the block)
//   for each box of positions (slab.h), and each share of the blocks where boxes are few:
//     pack the slab that the box reads, about 384 KB at most
//     for each block: for each 192 KB of its panel: for each 12 positions: a tile (kernels/convolution-tiles.h)
//
// Sizes leave slab and panel room in a second-level cache of 1 MB. Where several tasks read one slab it is packed
// beforehand.
#include <cstring>

#include "convolution.h"
#include "panels.h"
#include "slab.h"
#include "../parallel.h"

namespace phigrad {
namespace {

constexpr int64_t wantedTasks = 16;
constexpr int64_t panelChunkFloats = 48 * 1024;
// Floats below which packing is not worth waking a thread.
constexpr int64_t serialPackFloats = 32 * 1024;

// Weight element (tap, c, d) of group g is at tap·tapElements + c·sourceStride + d·targetStride + g·groupStride.
struct WeightLayout {
  Sizes kernel;
  int64_t tapElements;
  int64_t sourceStride;
  int64_t targetStride;
  int64_t groupStride;
};

class Contraction {
 public:
  Contraction(const ConvolutionTable& table, const Gather& gather, const WeightLayout& layout)
      : gather_(gather),
        layout_(layout),
        tiles_(tilesFor(table.forward, gather.targetGroup())),
        blocks_(channelBlocks(gather.targetGroup(), tiles_.lanes)),
        panelFloats_(gather.terms() * paddedChannels(gather.targetGroup(), tiles_.lanes)),
        boxes_(gather, ceilingDivide(wantedTasks, std::max<int64_t>(1, blockCount()))) {}

  void run(const float* source, const float* weight, const float* bias, float* target) {
    packPanels(weight);
    const int64_t shares = std::min(blockCount(), ceilingDivide(wantedTasks, std::max<int64_t>(1, boxes_.count())));
    const float* slabs = shares > 1 && !boxes_.inPlace() ? packSlabs(source) : nullptr;
    parallel(boxes_.count() * shares, [&](int64_t task) {
      const int64_t index = task % boxes_.count();
      const int64_t share = task / boxes_.count();
      const Box box = boxes_.at(index);
      const float* slab = slabs != nullptr
                              ? slabs + index * boxes_.slabFloats()
                              : packSlab(gather_, box, boxes_.inPlace(), source,
                                         scratchOf<float>(Scratch::taskA, boxes_.slabFloats()));
      const int64_t first = share * blockCount() / shares;
      const int64_t end = (share + 1) * blockCount() / shares;
      runBlocks(box, slab, first, end, bias, target);
    });
  }

 private:
  int64_t blockCount() const { return static_cast<int64_t>(blocks_.size()); }

  void packPanels(const float* weight) {
    panels_ = scratchOf<float>(Scratch::sharedA, gather_.groups * panelFloats_);
    const int64_t runs = gather_.runs();
    const int64_t tasks = gather_.groups * blockCount() * runs;
    const auto pack = [&](int64_t task) {
      const int64_t run = task % runs;
      const ChannelBlock& block = blocks_[static_cast<size_t>(task / runs % blockCount())];
      packRun(weight, task / runs / blockCount(), block, run);
    };
    if (gather_.groups * panelFloats_ >= serialPackFloats) return parallel(tasks, pack);
    for (int64_t task = 0; task < tasks; ++task) pack(task);
  }

  float* panel(int64_t group, const ChannelBlock& block) const {
    return panels_ + group * panelFloats_ + block.firstChannel * gather_.terms();
  }

  // The rows of one run: for each z tap, the group's source channels.
  void packRun(const float* weight, int64_t group, const ChannelBlock& block, int64_t run) {
    const auto& [x, y, z] = gather_.axes;
    const int64_t tapX = x.firstTap + run / y.taps * x.weightStep;
    const int64_t tapY = y.firstTap + run % y.taps * y.weightStep;
    const int64_t rows = gather_.sourceGroup();
    float* packed = panel(group, block) + run * gather_.run() * block.width;
    for (int64_t k = 0; k < z.taps; ++k, packed += rows * block.width) {
      const int64_t tap = (tapX * layout_.kernel[1] + tapY) * layout_.kernel[2] + z.firstTap + k * z.weightStep;
      const int64_t start = tap * layout_.tapElements + group * layout_.groupStride;
      tiles_.packRows({weight + start + block.firstChannel * layout_.targetStride, nullptr, layout_.sourceStride,
                       layout_.targetStride, rows, block.channels, block.vectors, packed});
    }
  }

  const float* packSlabs(const float* source) {
    float* slabs = scratchOf<float>(Scratch::sharedB, boxes_.count() * boxes_.slabFloats());
    parallel(boxes_.count(), [&](int64_t index) {
      packSlab(gather_, boxes_.at(index), false, source, slabs + index * boxes_.slabFloats());
    });
    return slabs;
  }

  void runBlocks(const Box& box, const float* slab, int64_t first, int64_t end, const float* bias, float* target) {
    const int64_t positions = box.positions();
    const BoxOffsets offsets = BoxOffsets::within(
        scratchOf<ptrdiff_t>(Scratch::taskB, BoxOffsets::count(gather_, positions)), positions);
    placeRows(gather_, box, boxes_.inPlace(), offsets);
    placeTargets(gather_, box, offsets);
    for (int64_t b = first; b < end; ++b) {
      const ChannelBlock& block = blocks_[static_cast<size_t>(b)];
      const int64_t channel = box.group * gather_.targetGroup() + block.firstChannel;
      const int64_t runFloats = std::max<int64_t>(1, gather_.run() * block.width);
      const int64_t chunk = std::max<int64_t>(1, panelChunkFloats / runFloats);
      for (int64_t run = 0; run < gather_.runs(); run += chunk) {
        const int64_t runs = std::min(chunk, gather_.runs() - run);
        tiles_.run({viewOf(gather_, box, slab, offsets, boxes_.inPlace(), run, runs),
                        panel(box.group, block) + run * runFloats,
                        block.vectors,
                        block.channels,
                        bias == nullptr ? nullptr : bias + channel,
                        run > 0,
                        target + block.firstChannel,
                        offsets.places});
      }
    }
  }

  const Gather& gather_;
  const WeightLayout& layout_;
  const ConvolutionTiles<ForwardBlock>& tiles_;
  std::vector<ChannelBlock> blocks_;
  int64_t panelFloats_;
  Boxes boxes_;
  float* panels_ = nullptr;
};

void contract(const ConvolutionTable& table, const Gather& gather, const WeightLayout& layout, const float* source,
              const float* weight, const float* bias, float* target) {
  if (gather.batch * gather.positions() * gather.target.channels == 0) return;
  Contraction(table, gather, layout).run(source, weight, bias, target);
}

}  // namespace

void convolution(const ConvolutionTable& table, const ConvolutionGeometry& g, const float* x, const float* weight,
                 const float* bias, float* out) {
  const WeightLayout layout{sizesOf(g.kernel), g.inChannels / g.groups * g.outChannels, g.outChannels, 1,
                            g.outChannels / g.groups};
  const Volume source{sizesOf(g.input), g.inChannels};
  const Volume target{sizesOf(g.output), g.outChannels};
  contract(table, {g.batch, g.groups, source, target, forwardAxes(g)}, layout, x, weight, bias, out);
}

void convolutionInputGradient(const ConvolutionTable& table, const ConvolutionGeometry& g, const float* outGradient,
                              const float* weight, float* xGradient) {
  const std::vector<AxisGather> xs = residueClasses(g, 0);
  const std::vector<AxisGather> ys = residueClasses(g, 1);
  const std::vector<AxisGather> zs = residueClasses(g, 2);
  const auto unreached = [](const AxisGather& axis) { return axis.taps == 0; };
  const bool full = std::none_of(xs.begin(), xs.end(), unreached) && std::none_of(ys.begin(), ys.end(), unreached) &&
                    std::none_of(zs.begin(), zs.end(), unreached) && volume(sizesOf(g.output)) > 0;
  if (!full) {
    std::memset(xGradient, 0, static_cast<size_t>(g.batch * volume(sizesOf(g.input)) * g.inChannels) * sizeof(float));
  }
  if (volume(sizesOf(g.output)) == 0) return;
  const WeightLayout layout{sizesOf(g.kernel), g.inChannels / g.groups * g.outChannels, 1, g.outChannels,
                            g.outChannels / g.groups};
  const Volume source{sizesOf(g.output), g.outChannels};
  const Volume target{sizesOf(g.input), g.inChannels};
  for (const AxisGather& x : xs) {
    for (const AxisGather& y : ys) {
      for (const AxisGather& z : zs) {
        if (x.taps * y.taps * z.taps == 0) continue;
        const Gather gather{g.batch, g.groups, source, target, {x, y, z}};
        contract(table, gather, layout, outGradient, weight, nullptr, xGradient);
      }
    }
  }
}

}  // namespace phigrad
