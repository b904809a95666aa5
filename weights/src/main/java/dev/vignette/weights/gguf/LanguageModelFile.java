package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides whether a file holds a language model that can write captions. */
public final class LanguageModelFile {

  private static final String GIVE_LANGUAGE_MODEL = "Give the GGUF file of LLaVA's language model";

  /** llama.cpp ends the process beyond these bounds (llama-hparams.h, LLAMA_MAX_LAYERS). */
  private static final int MAX_BLOCKS = 512;

  private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");
  private static final Set<String> OVER_ZERO =
      Set.of(
          "attention.layer_norm_rms_epsilon",
          "attention.layer_norm_epsilon",
          "rope.freq_base",
          "rope.freq_base_swa");
  private static final int MAPPED_ALIGNMENT = 32;
  private static final Set<String> NO_VOCABULARY = Set.of("none", "no_vocab");

  /**
   * What else llama.cpp knows ends the process where its texts are asked for, or is no writer's.
   */
  private static final List<String> VOCABULARIES = List.of("llama", "gpt2", "gemma4");

  private LanguageModelFile() {}

  /**
   * Reads the header of a language model's file, or the headers of all parts if it is split, and
   * judges it.
   *
   * @throws InvalidModelFileException if the file is missing, damaged, cut off, or not a language
   *     model that writes token after token
   */
  public static LanguageModelInfo check(Path path) {
    return check(GgufFile.read(path));
  }

  static LanguageModelInfo check(GgufFile file) {
    String architecture = file.architecture();
    refuseOtherKinds(file, architecture);
    long bytes = SplitModel.check(file);
    refuseWhatEndsTheProcess(file, architecture);
    Metadata metadata = file.metadata();
    int width = metadata.requireUint32(architecture + ".embedding_length", 1, Integer.MAX_VALUE);
    int blocks = metadata.requireUint32(architecture + ".block_count", 1, MAX_BLOCKS);
    return new LanguageModelInfo(
        file.path(),
        architecture,
        file.name(),
        metadata.requireUint32(architecture + ".context_length", 1, Integer.MAX_VALUE),
        width,
        blocks,
        blocks * keyValueLength(metadata, architecture + ".attention.", width),
        vocabularySize(file),
        metadata.text("tokenizer.chat_template"),
        file.quantization(),
        bytes);
  }

  /** Of one block. */
  private static long keyValueLength(Metadata metadata, String prefix, int width) {
    long heads = Math.max(1, numberOr(width, metadata, prefix + "head_count"));
    long own = width / heads;
    return numberOr(heads, metadata, prefix + "head_count_kv")
        * (numberOr(own, metadata, prefix + "key_length")
            + numberOr(own, metadata, prefix + "value_length"));
  }

  /** One number, or what stands for it where there is none or one a block. */
  private static long numberOr(long other, Metadata metadata, String key) {
    try {
      return metadata.uint32(key).orElse(other);
    } catch (InvalidModelFileException _) {
      return other;
    }
  }

  private static void refuseOtherKinds(GgufFile file, String architecture) {
    if (architecture.equals(Architectures.CLIP)) {
      throw refusal(
          file,
          "is a projector (mmproj), not a language model",
          "Give it as the projector, and the other GGUF file of the same LLaVA as the language model");
    }
    String kind = file.metadata().text("general.type").orElse("model");
    if (kind.equals("adapter")) {
      throw refusal(
          file,
          "is a LoRA adapter, not a whole model",
          "Merge it into its base model with llama.cpp's llama-export-lora");
    }
    if (!kind.equals("model")) {
      throw refusal(file, "is of the kind " + quoted(kind) + ", not a model", GIVE_LANGUAGE_MODEL);
    }
    Optional<String> obstacle = Architectures.obstacle(architecture);
    if (obstacle.isPresent()) {
      throw refusal(
          file,
          "is no causal language model: its architecture is %s, %s"
              .formatted(quoted(architecture), obstacle.get()),
          GIVE_LANGUAGE_MODEL);
    }
    if (!file.metadata().flag(architecture + ".attention.causal").orElse(true)) {
      throw refusal(
          file,
          "is no causal language model: it sets '%s.attention.causal' to false"
              .formatted(architecture),
          GIVE_LANGUAGE_MODEL);
    }
    if (file.tensors().isEmpty() && SplitModel.partCount(file) == 1) {
      throw refusal(file, "holds no tensors, only a vocabulary", GIVE_LANGUAGE_MODEL);
    }
  }

  private static void refuseWhatEndsTheProcess(GgufFile file, String architecture) {
    if (!file.tensors().isEmpty() && file.dataOffset() % MAPPED_ALIGNMENT != 0) {
      throw refusal(
          file,
          "begins its tensors at byte %s, and %s maps a file only where they begin at a multiple of %d"
              .formatted(
                  Wording.number(file.dataOffset()), Architectures.LLAMA_CPP, MAPPED_ALIGNMENT),
          "Write it again with general.alignment 32, as quantizing it anew does");
    }
    String key = architecture + ".rope.scaling.type";
    String scaling = file.metadata().text(key).orElse("none");
    if (!ROPE_SCALINGS.contains(scaling)) {
      throw refusal(
          file,
          "sets '%s' to %s; %s knows none, linear, yarn and longrope"
              .formatted(key, quoted(scaling), Architectures.LLAMA_CPP),
          DAMAGED);
    }
    file.metadata().requireFinite(architecture + ".", OVER_ZERO);
  }

  private static int vocabularySize(GgufFile file) {
    String tokenizer = file.metadata().text("tokenizer.ggml.model").orElse("none");
    long tokens = file.metadata().stringCount("tokenizer.ggml.tokens").orElse(0);
    if (NO_VOCABULARY.contains(tokenizer) || tokens == 0) {
      throw refusal(
          file,
          "has no vocabulary: tokenizer %s, %s tokens"
              .formatted(quoted(tokenizer), Wording.number(tokens)),
          "Convert the model again together with its tokenizer files");
    }
    if (!VOCABULARIES.contains(tokenizer)) {
      throw refusal(
          file,
          "has a vocabulary of the kind %s; those of models that write are %s"
              .formatted(quoted(tokenizer), String.join(" and ", VOCABULARIES)),
          DAMAGED);
    }
    return Math.toIntExact(tokens);
  }

  private static InvalidModelFileException refusal(GgufFile file, String problem, String remedy) {
    return new InvalidModelFileException(file.path(), problem, remedy);
  }

  /**
   * What a language model's file says of it.
   *
   * @param file the file given; the first part of a split model
   * @param architecture llama.cpp's name of the family, such as {@code llama}
   * @param name the model's own name, or the file's
   * @param contextLength tokens it was trained on at once
   * @param embeddingLength width of its token embeddings, which a projector must produce
   * @param blockCount transformer blocks
   * @param keyValueLength numbers that a context keeps of a token: its keys and values in all
   *     blocks
   * @param vocabularySize tokens it knows
   * @param chatTemplate how a conversation is written, in Jinja, where the file says so
   * @param quantization such as {@code Q4_K_M}
   * @param fileBytes size of the file, or of all parts together
   */
  public record LanguageModelInfo(
      Path file,
      String architecture,
      String name,
      int contextLength,
      int embeddingLength,
      int blockCount,
      long keyValueLength,
      int vocabularySize,
      Optional<String> chatTemplate,
      String quantization,
      long fileBytes) {}

  /**
   * The architectures of llama.cpp v0.5.0 (src/llama-arch.cpp, src/llama-model.cpp) by what they
   * can be used for.
   */
  static final class Architectures {

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
     * What keeps models of an architecture from writing captions token after token; empty if
     * nothing does.
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
}
