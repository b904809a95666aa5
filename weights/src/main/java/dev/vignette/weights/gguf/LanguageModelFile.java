package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.quoted;

import java.nio.file.Path;
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
  private static final Set<String> NO_VOCABULARY = Set.of("none", "no_vocab");

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
    return Math.toIntExact(tokens);
  }

  private static InvalidModelFileException refusal(GgufFile file, String problem, String remedy) {
    return new InvalidModelFileException(file.path(), problem, remedy);
  }
}
