// Runs what a build computes with, before anybody relies on it: the embedded model (Q8_0, an F16 projector) and a Q4_K_M copy
// of it read an image and a prompt and generate a few tokens. A build whose instructions this processor lacks, or whose
// kernels are wrong on it, dies here, in a process of its own.
//
//   vignette-smoke MODEL.gguf PROJECTOR.gguf FOLDER [BACKEND]     (FOLDER takes the Q4_K_M copy)
//
// BACKEND is the file that computes, in a portable build.
// Exit codes: 0 it computes; 3 it computes nonsense (logits that are not numbers, or no text); 4 BACKEND is not for this
// processor; 1 anything else.
#include "ggml-backend.h"
#include "ggml.h"
#include "llama.h"
#include "mtmd-helper.h"
#include "mtmd.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kImageSize = 144;
constexpr int kTokens = 12;
constexpr const char * kPrompt = "USER: <__media__>\nWrite a short caption for this image. ASSISTANT:";

[[noreturn]] void fail(int code, const char * what) {
    std::fprintf(stderr, "smoke test: %s\n", what);
    std::exit(code);
}

void quiet(ggml_log_level level, const char * text, void *) {
    if (level >= GGML_LOG_LEVEL_ERROR && level != GGML_LOG_LEVEL_CONT) std::fputs(text, stderr);
}

// A smooth pattern of colours, (height, width, 3).
std::vector<unsigned char> pattern() {
    std::vector<unsigned char> rgb(kImageSize * kImageSize * 3);
    for (int y = 0; y < kImageSize; y++) {
        for (int x = 0; x < kImageSize; x++) {
            unsigned char * pixel = &rgb[(y * kImageSize + x) * 3];
            pixel[0] = (unsigned char) (x * 255 / kImageSize);
            pixel[1] = (unsigned char) (y * 255 / kImageSize);
            pixel[2] = (unsigned char) ((x * y) % 251);
        }
    }
    return rgb;
}

llama_token best(const float * logits, int count) {
    int best = 0;
    for (int i = 0; i < count; i++) {
        if (!std::isfinite(logits[i])) fail(3, "the logits are not numbers");
        if (logits[i] > logits[best]) best = i;
    }
    return best;
}

std::string piece(const llama_vocab * vocab, llama_token token) {
    char text[256];
    const int length = llama_token_to_piece(vocab, token, text, sizeof text, 0, false);
    return length > 0 ? std::string(text, length) : std::string();
}

std::string generate(llama_context * context, const llama_vocab * vocab, llama_pos position) {
    const int count = llama_vocab_n_tokens(vocab);
    std::string text;
    for (int i = 0; i < kTokens; i++) {
        llama_token token = best(llama_get_logits_ith(context, -1), count);
        if (llama_vocab_is_eog(vocab, token)) break;
        text += piece(vocab, token);
        llama_batch batch = llama_batch_get_one(&token, 1);
        if (llama_decode(context, batch) != 0) fail(1, "llama_decode failed");
        position++;
    }
    return text;
}

std::string caption(const char * model_file, const char * projector_file, int threads) {
    llama_model_params model_options = llama_model_default_params();
    model_options.n_gpu_layers = 0;
    llama_model * model = llama_model_load_from_file(model_file, model_options);
    if (model == nullptr) fail(1, "the model does not load");
    llama_context_params context_options = llama_context_default_params();
    context_options.n_ctx = 512;
    context_options.n_batch = 512;
    context_options.n_threads = threads;
    context_options.n_threads_batch = threads;
    llama_context * context = llama_init_from_model(model, context_options);
    if (context == nullptr) fail(1, "no context can be made");
    mtmd_context_params projector_options = mtmd_context_params_default();
    projector_options.use_gpu = false;
    projector_options.print_timings = false;
    projector_options.n_threads = threads;
    projector_options.warmup = false;
    mtmd_context * projector = mtmd_init_from_file(projector_file, model, projector_options);
    if (projector == nullptr) fail(1, "the projector does not load");

    const std::vector<unsigned char> rgb = pattern();
    mtmd_bitmap * bitmap = mtmd_bitmap_init(kImageSize, kImageSize, rgb.data());
    mtmd_input_chunks * chunks = mtmd_input_chunks_init();
    const std::string prompt = kPrompt;
    const mtmd_input_text text = {prompt.c_str(), prompt.size(), true, true};
    const mtmd_bitmap * bitmaps[] = {bitmap};
    if (mtmd_tokenize(projector, chunks, &text, bitmaps, 1) != 0) fail(1, "the prompt cannot be tokenized");
    llama_pos position = 0;
    if (mtmd_helper_eval_chunks(projector, context, chunks, 0, 0, 512, true, &position) != 0) fail(1, "the prompt cannot be read");
    const std::string said = generate(context, llama_model_get_vocab(model), position);

    mtmd_input_chunks_free(chunks);
    mtmd_bitmap_free(bitmap);
    mtmd_free(projector);
    llama_free(context);
    llama_model_free(model);
    return said;
}

void quantize(const char * from, const char * to) {
    llama_model_quantize_params options = llama_model_quantize_default_params();
    options.ftype = LLAMA_FTYPE_MOSTLY_Q4_K_M;
    options.allow_requantize = true;
    options.nthread = 1;
    if (llama_model_quantize(from, to, &options) != 0) fail(1, "the model cannot be quantized");
}

}  // namespace

int main(int argc, char ** argv) {
    if (argc < 4 || argc > 5) fail(1, "usage: vignette-smoke MODEL.gguf PROJECTOR.gguf FOLDER [BACKEND]");
    llama_log_set(quiet, nullptr);
    mtmd_helper_log_set(quiet, nullptr);
    if (argc == 5 && ggml_backend_load(argv[4]) == nullptr) fail(4, "the backend is not for this processor");
    llama_backend_init();
    const std::string small = std::string(argv[3]) + "/q4_k_m.gguf";
    quantize(argv[1], small.c_str());
    const int cores = (int) std::thread::hardware_concurrency();
    for (const char * model : {(const char *) argv[1], small.c_str()}) {
        for (int threads : {1, cores > 1 ? 2 : 1}) {
            const std::string said = caption(model, argv[2], threads);
            if (said.empty()) fail(3, "the model says nothing");
            std::printf("%s\n", said.c_str());
        }
    }
    llama_backend_free();
    return 0;
}
