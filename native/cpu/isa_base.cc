// Every kernel compiled for what any processor of the platform has: SSE2 on x86-64, plain C++ elsewhere.
#define PHIGRAD_TABLE baseTable
#define PHIGRAD_ISA_NAME "base"
#include "table.h"
