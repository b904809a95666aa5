// One umbrella header: headers taken one by one would duplicate llama_batch and the ggml types.
#include "llama.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "mtmd.h"
#include "mtmd-helper.h"
