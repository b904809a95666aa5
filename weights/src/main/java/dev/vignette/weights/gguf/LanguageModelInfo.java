package dev.vignette.weights.gguf;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a language model's file says of it.
 *
 * @param file the file given; the first part of a split model
 * @param architecture llama.cpp's name of the family, such as {@code llama}
 * @param name the model's own name, or the file's
 * @param contextLength tokens it was trained on at once
 * @param embeddingLength width of its token embeddings, which a projector must produce
 * @param blockCount transformer blocks
 * @param keyValueLength numbers that a context keeps of a token: its keys and values in all blocks
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
