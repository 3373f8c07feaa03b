// Which table of kernels this machine runs.
#pragma once
#include "kernels.h"

namespace phigrad {

// The levels this build and this machine have, least first; ends with a null pointer.
const KernelTable* const* availableTables();

// The table in use: the best one, or the one PHIGRAD_ISA names where the machine has it ("base", "avx2", "avx512", "neon").
const KernelTable& kernels();

// Uses the level of that name from now on, in the whole process; false where the machine does not have it.
bool selectTable(const char* isa);

}  // namespace phigrad
