package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The tensors of a vision tower and LLaVA projector: there, of the shapes that follow from each
 * other, of types that can be computed with. libmtmd checks none of this and ends the process
 * (graph: llama.cpp v0.5.0, tools/mtmd/models/llava.cpp). Shapes have the fastest varying dimension
 * first, as in the file.
 */
final class ProjectorTensors {

  private static final String OUTPUT = "mm.2.weight";

  private final GgufFile file;
  private final ProjectorInfo info;
  private final long width;

  ProjectorTensors(GgufFile file, ProjectorInfo info) {
    this.file = file;
    this.info = info;
    this.width = info.towerWidth();
  }

  /**
   * The width of the embeddings the projector makes. (The key for it, projection_dim, is CLIP's own
   * in older files.)
   */
  static int embeddingLength(GgufFile file) {
    long length = require(file, OUTPUT).dimension(1);
    if (length > Integer.MAX_VALUE) {
      throw new InvalidModelFileException(
          file.path(),
          "makes embeddings of width " + number(length) + ", which is implausible",
          DAMAGED);
    }
    return (int) length;
  }

  void check() {
    embeddings();
    for (int block = 0; block < info.blockCount(); block++) {
      block("v.blk." + block + ".");
    }
    List.of("v.pre_ln", "v.post_ln").forEach(this::norm);
    projector();
  }

  private void embeddings() {
    long patch = info.patchSize();
    GgufTensor kernel = require(file, "v.patch_embd.weight");
    requireShape(kernel, patch, patch, 3, width);
    requireType(kernel, kernel.type() == TensorType.F32 || kernel.type() == TensorType.F16);
    vector("v.patch_embd.bias", width);
    vector("v.class_embd", width);
    long positions =
        (long) info.imageTokens() + (file.tensors().containsKey("v.class_embd") ? 1 : 0);
    GgufTensor table = require(file, "v.position_embd.weight");
    if (table.dimension(1) != positions) {
      throw broken(table, "%s positions are needed".formatted(number(positions)));
    }
    matrix(table.name(), width, table.dimension(1));
  }

  private void block(String prefix) {
    for (String part : List.of("attn_q", "attn_k", "attn_v", "attn_out")) {
      matrix(prefix + part + ".weight", width, width);
      vector(prefix + part + ".bias", width);
    }
    norm(prefix + "ln1");
    norm(prefix + "ln2");
    feedForward(prefix);
  }

  private void feedForward(String prefix) {
    String first = prefix + "ffn_up";
    String second = prefix + "ffn_down";
    if (require(file, first + ".weight").dimension(0) != width) {
      String swapped = first; // older converters took up for down; libmtmd puts it right
      first = second;
      second = swapped;
    }
    long hidden = require(file, first + ".weight").dimension(1);
    matrix(first + ".weight", width, hidden);
    vector(first + ".bias", hidden);
    if (file.tensors().containsKey(prefix + "ffn_gate.weight")) {
      matrix(prefix + "ffn_gate.weight", width, hidden);
      vector(prefix + "ffn_gate.bias", hidden);
    }
    matrix(second + ".weight", hidden, width);
    vector(second + ".bias", width);
  }

  private void projector() {
    long hidden = require(file, "mm.0.weight").dimension(1);
    int layers = Math.max(1, new HashSet<>(info.featureLayers()).size());
    matrix("mm.0.weight", layers * width, hidden);
    requireVector("mm.0.bias", hidden);
    matrix(OUTPUT, hidden, info.embeddingLength());
    requireVector("mm.2.bias", info.embeddingLength());
  }

  private void norm(String prefix) {
    vector(prefix + ".weight", width);
    vector(prefix + ".bias", width);
  }

  private void matrix(String name, long in, long out) {
    GgufTensor tensor = require(file, name);
    requireShape(tensor, in, out);
    requireType(tensor, tensor.type().multiplies());
  }

  private void requireVector(String name, long length) {
    require(file, name);
    vector(name, length);
  }

  /** A vector that need not be there. */
  private void vector(String name, long length) {
    GgufTensor tensor = file.tensors().get(name);
    if (tensor != null) {
      requireShape(tensor, length);
      requireType(tensor, tensor.type() == TensorType.F32);
    }
  }

  private static GgufTensor require(GgufFile file, String name) {
    GgufTensor tensor = file.tensors().get(name);
    if (tensor == null) {
      throw new InvalidModelFileException(
          file.path(), "lacks the tensor '" + name + "' of a LLaVA projector", DAMAGED);
    }
    return tensor;
  }

  private void requireShape(GgufTensor tensor, long... shape) {
    for (int i = 0; i < 4; i++) {
      if (tensor.dimension(i) != (i < shape.length ? shape[i] : 1)) {
        throw broken(tensor, LongStream.of(shape).boxed().toList() + " is needed");
      }
    }
  }

  private void requireType(GgufTensor tensor, boolean suits) {
    if (!suits) {
      throw broken(tensor, "that type cannot be used for it");
    }
  }

  private InvalidModelFileException broken(GgufTensor tensor, String rule) {
    return new InvalidModelFileException(
        file.path(),
        "has tensor '%s' with shape %s of %s; %s"
            .formatted(tensor.name(), tensor.dimensions(), tensor.type(), rule),
        DAMAGED);
  }
}
