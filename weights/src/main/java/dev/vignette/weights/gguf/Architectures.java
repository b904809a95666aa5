package dev.vignette.weights.gguf;

import java.util.Optional;
import java.util.Set;

/**
 * The architectures of llama.cpp v0.5.0 (src/llama-arch.cpp, src/llama-model.cpp) by what they can
 * be used for.
 */
final class Architectures {

  static final String LLAMA_CPP = "llama.cpp v0.5.0";

  /** Of a projector's file, which holds the vision tower with it. */
  static final String CLIP = "clip";

  private static final Set<String> CAUSAL_DECODERS =
      words(
          """
          afmoe apertus arcee arctic arwkv7 baichuan bailingmoe bailingmoe2 bailingmoe3 bitnet bloom chameleon chatglm \
          codeshell cogvlm cohere2 cohere2moe command-r dbrx deci deepseek deepseek2 deepseek2-ocr deepseek32 deepseek4 \
          dots1 dots3note ernie4_5 ernie4_5-moe exaone exaone-moe exaone4 falcon falcon-h1 gemma gemma2 gemma3 gemma3n \
          gemma4 glm-dsa glm4 glm4moe gpt-oss gpt2 gptneox granite granite_swa granitehybrid granitemoe graniteswitch \
          grok grovemoe hrm_text hunyuan-dense hunyuan-moe hunyuan_vl hy_v3 hy_v4 internlm2 jais jais2 jamba kimi-k3 \
          kimi-linear laguna lfm2 lfm2moe llama llama4 maincoder mamba mamba2 maple mellum mimo2 minicpm minicpm3 \
          minimax-01 minimax-m2 minimax-m3 mistral3 mistral4 mpt muse-glimmer nanbeige nemotron nemotron_h \
          nemotron_h_moe olmo olmo2 olmoe openelm orion paddleocr pangu-embedded phi2 phi3 phimoe plamo plamo2 plamo3 \
          plm qwen qwen2 qwen2moe qwen2vl qwen3 qwen35 qwen35moe qwen3moe qwen3next qwen3vl qwen3vlmoe qwen4exp refact \
          rwkv6 rwkv6qwen2 rwkv7 seed_oss smallthinker smollm3 spark2_5 stablelm starcoder starcoder2 step35 talkie \
          xverse\
          """);

  private static final Set<String> TEXT_ENCODERS =
      words(
          """
          bert modern-bert nomic-bert nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert gemma-embedding \
          llama-embed t5encoder\
          """);

  private static final Set<String> DIFFUSION_MODELS = words("dream llada llada-moe rnd1");
  private static final Set<String> SPEECH_MODELS = words("wavtokenizer-dec qwen3tts pockettts");
  private static final Set<String> DRAFT_MODELS = words("eagle3 dflash gemma4-assistant");

  private Architectures() {}

  /**
   * What keeps models of an architecture from writing captions token after token; empty if nothing
   * does.
   */
  static Optional<String> obstacle(String architecture) {
    if (CAUSAL_DECODERS.contains(architecture)) {
      return Optional.empty();
    }
    if (TEXT_ENCODERS.contains(architecture)) {
      return Optional.of("a text encoder, which writes no text");
    }
    if (architecture.equals("t5")) {
      return Optional.of("an encoder-decoder, which takes no image tokens");
    }
    if (DIFFUSION_MODELS.contains(architecture)) {
      return Optional.of("a text diffusion model, which does not write token after token");
    }
    if (SPEECH_MODELS.contains(architecture)) {
      return Optional.of("a speech model");
    }
    if (DRAFT_MODELS.contains(architecture)) {
      return Optional.of("a draft model for another, of no use by itself");
    }
    return Optional.of("none that " + LLAMA_CPP + " runs");
  }

  private static Set<String> words(String list) {
    return Set.of(list.split(" "));
  }
}
