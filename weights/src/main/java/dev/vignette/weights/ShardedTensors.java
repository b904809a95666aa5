package dev.vignette.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A model whose tensors lie in several files, found by an index that Hugging Face writes beside
 * them: {@code {"weight_map": {"tensor": "file"}}}.
 */
final class ShardedTensors implements TensorFile {
  static final String INDEX = ".index.json";
  private static final int NAMED_AT_MOST = 5;

  private final Path index;
  private final Map<String, TensorFile> shards;
  private final SequencedMap<String, TensorInfo> tensors;

  private ShardedTensors(
      Path index, Map<String, TensorFile> shards, SequencedMap<String, TensorInfo> tensors) {
    this.index = index;
    this.shards = shards;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
  }

  /**
   * Reads an index and the tables of contents of all files it names.
   *
   * @throws WeightsException when a file is missing or damaged, or lacks a tensor that the index
   *     places in it
   */
  public static ShardedTensors open(Path index) throws IOException {
    JsonObject map = JsonObject.read(index).requireObject("weight_map");
    SequencedMap<String, TensorFile> files = new LinkedHashMap<>();
    requireAll(index, map);
    Map<String, TensorFile> shards = new LinkedHashMap<>();
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    for (String name : map.names()) {
      String fileName = map.requireText(name);
      TensorFile shard = files.get(fileName);
      if (shard == null) {
        shard = TensorFile.open(index.resolveSibling(fileName));
        files.put(fileName, shard);
      }
      if (!shard.tensors().containsKey(name)) {
        throw new WeightsException(
            "%s lacks tensor %s, which %s places in it; get both again from one revision"
                .formatted(shard.path(), name, index.getFileName()));
      }
      shards.put(name, shard);
      tensors.put(name, shard.info(name));
    }
    if (tensors.isEmpty()) {
      throw new WeightsException(index + " names no tensors");
    }
    return new ShardedTensors(index, shards, tensors);
  }

  private static void requireAll(Path index, JsonObject map) {
    List<String> names = map.names().stream().map(map::requireText).distinct().toList();
    for (String name : names) {
      if (name.indexOf('\0') >= 0 || !Path.of(name).equals(Path.of(name).getFileName())) {
        throw new WeightsException(
            "%s names the file \"%s\"; shards lie beside their index".formatted(index, name));
      }
      if (name.endsWith(INDEX)) {
        throw new WeightsException(
            "%s names \"%s\" as a shard, but that is an index; shards hold tensors. Get the index again"
                .formatted(index, name));
      }
    }
    List<String> missing =
        names.stream().filter(name -> !Files.isRegularFile(index.resolveSibling(name))).toList();
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s names %d files, of which %d are not beside it: %s%s; download them into the same folder"
              .formatted(
                  index,
                  names.size(),
                  missing.size(),
                  String.join(", ", missing.subList(0, Math.min(NAMED_AT_MOST, missing.size()))),
                  missing.size() > NAMED_AT_MOST ? ", ..." : ""));
    }
  }

  /** The index. */
  @Override
  public Path path() {
    return index;
  }

  /** The files that hold the tensors. */
  public List<Path> files() {
    return shards.values().stream().map(TensorFile::path).distinct().toList();
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public ByteBuffer bytes(String name) {
    return shard(name).bytes(name);
  }

  @Override
  public void read(String name, long from, ByteBuffer into) throws IOException {
    shard(name).read(name, from, into);
  }

  @Override
  public Path fileOf(String name) {
    return shard(name).path();
  }

  private TensorFile shard(String name) {
    TensorFile shard = shards.get(name);
    if (shard == null) {
      throw new IllegalArgumentException("%s has no tensor \"%s\"".formatted(index, name));
    }
    return shard;
  }
}
