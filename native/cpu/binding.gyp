# The CPU addon by node-gyp: for machines that have make and Python but no CMake. CMakeLists.txt is the build proper.
{
  "targets": [{
    "target_name": "phigrad_cpu",
    "sources": [
      "addon.cc", "arguments.cc", "dispatch.cc", "isa_avx2.cc", "isa_avx512.cc", "isa_base.cc", "isa_neon.cc", "pool.cc", "scratch.cc",
      "convolution/forward.cc", "convolution/gather.cc", "convolution/slab.cc", "convolution/weight-gradient.cc",
      "entries/convolution.cc", "entries/elementwise.cc", "entries/optimizer.cc", "entries/overlap.cc", "entries/reduce.cc", "entries/strided.cc", "entries/volumes.cc"
    ],
    "defines": ["NAPI_VERSION=9"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-Wno-psabi", "-Wno-uninitialized", "-Wno-maybe-uninitialized"],
    "conditions": [
      ["OS=='linux'", { "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,now"] }],
      ["OS=='mac'", { "xcode_settings": {
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES", "CLANG_CXX_LANGUAGE_STANDARD": "c++20", "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off", "-fno-math-errno"] } }],
      ["OS=='win'", { "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++20"] } } }]
    ]
  }]
}
