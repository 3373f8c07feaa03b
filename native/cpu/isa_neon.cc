// Every kernel compiled for NEON, which every 64-bit ARM processor has.
#if defined(__aarch64__) || defined(_M_ARM64)
#define PHIGRAD_ISA_NEON 1
#define PHIGRAD_TABLE neonTable
#define PHIGRAD_ISA_NAME "neon"
#include "table.h"
#endif
