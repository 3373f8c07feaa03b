// Every kernel compiled for AVX-512 F, DQ, BW and VL. The target stands here and not in a compiler flag, so that every build tool
// lists the same files; nothing of the standard library may be included below, or its inline functions would be
// compiled for this target and might be the ones the linker keeps for everyone.
#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prefer-vector-width=512")
#endif
#define PHIGRAD_ISA_AVX512 1
#define PHIGRAD_TABLE avx512Table
#define PHIGRAD_ISA_NAME "avx512"
#include "table.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
