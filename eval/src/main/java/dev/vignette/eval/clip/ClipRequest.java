package dev.vignette.eval.clip;

import java.nio.file.Path;

/**
 * Which CLIP model scores, and how.
 *
 * @param model a folder with {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}
 * @param prefix what stands before every caption: empty in the homework's way, {@code "A photo
 *     depicts "} in jmhessel's
 */
public record ClipRequest(Path model, String prefix) {}
