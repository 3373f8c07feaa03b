// Blocks of channels: how a group's target channels are dealt out to panels of 1, 2 or 3 vectors.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "tiles.h"

namespace phigrad {

struct ChannelBlock {
  int64_t firstChannel;
  int64_t channels;
  int64_t vectors;
  int64_t width;
};

// Pairs of vectors, which suit the registers best; an odd number of vectors begins with a block of 3, or is one block
// of 1.
inline std::vector<ChannelBlock> channelBlocks(int64_t channels, int64_t lanes) {
  std::vector<ChannelBlock> blocks;
  for (int64_t first = 0; first < channels;) {
    const int64_t left = (channels - first + lanes - 1) / lanes;
    const int64_t vectors = left == 1 ? 1 : left % 2 == 0 ? 2 : 3;
    blocks.push_back({first, std::min(channels - first, vectors * lanes), vectors, vectors * lanes});
    first += vectors * lanes;
  }
  return blocks;
}

// The narrowest tiles that hold all channels in one vector, else the widest.
template <typename Block, size_t Count>
const ConvolutionTiles<Block>& tilesFor(const ConvolutionTiles<Block> (&tiles)[Count], int64_t channels) {
  size_t best = 0;
  for (size_t i = 1; i < Count; ++i) {
    if (channels <= tiles[i].lanes) best = i;
  }
  return tiles[best];
}

inline int64_t paddedChannels(int64_t channels, int64_t lanes) { return (channels + lanes - 1) / lanes * lanes; }

}  // namespace phigrad
