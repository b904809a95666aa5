package dev.vignette.captioner.train;

import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.TimmVit;
import dev.vignette.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The trainable and frozen elements of a configuration, counted from shapes alone.
 *
 * @param rows one a part that trains
 * @param frozenEncoder elements of the encoder
 * @param frozenDecoder elements of the decoder
 */
public record ParameterTable(List<Row> rows, long frozenEncoder, long frozenDecoder) {
  /**
   * @param part what trains
   * @param count how many of it
   * @param rank of the adapters; 0 for the projection
   * @param elements trainable elements of all of them
   */
  public record Row(String part, int count, int rank, long elements) {}

  public ParameterTable {
    rows = List.copyOf(rows);
  }

  /** Counts a configuration's parameters; encoder and decoder may be published names. */
  public static ParameterTable of(TrainConfig config) throws IOException {
    TimmVit encoder = encoder(config.encoder().model());
    Gpt2Config decoder = decoder(config.decoder().model());
    long visualWidth = encoder.shape().width();
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("projection", 1, 0, visualWidth * decoder.width() + decoder.width()));
    Map<String, List<AdapterSlot>> groups = new LinkedHashMap<>();
    for (AdapterSlot slot : AdapterPlan.of(decoder, config.lora()).slots()) {
      String kind = slot.module().replaceAll("\\.\\d+\\.", ".*.") + " rank " + slot.rank();
      groups.computeIfAbsent(kind, k -> new ArrayList<>()).add(slot);
    }
    for (List<AdapterSlot> slots : groups.values()) {
      AdapterSlot first = slots.getFirst();
      rows.add(
          new Row(
              first.module().replaceAll("\\.\\d+\\.", ".*."),
              slots.size(),
              first.rank(),
              slots.stream().mapToLong(AdapterSlot::parameters).sum()));
    }
    long frozen = Gpt2Weights.shapes(decoder).values().stream().mapToLong(Shape::size).sum();
    if (Gpt2Weights.hasOwnHead(Path.of(config.decoder().model()))) {
      frozen += (long) decoder.vocabulary() * decoder.width();
    }
    return new ParameterTable(rows, encoder.parameterCount(), frozen);
  }

  private static TimmVit encoder(String model) throws IOException {
    return Files.isDirectory(Path.of(model))
        ? TimmVit.describe(Path.of(model))
        : TimmVit.named(model);
  }

  private static Gpt2Config decoder(String model) throws IOException {
    Path path = Path.of(model);
    if (Files.isRegularFile(path.resolve("config.json"))) {
      return Gpt2Config.read(path.resolve("config.json"));
    }
    if (Files.exists(path)) {
      Path file = Gpt2Weights.weightFile(path);
      return Gpt2Config.read(path, TensorFile.open(file));
    }
    return Gpt2Config.named(model);
  }

  /** Trainable elements. */
  public long trainable() {
    return rows.stream().mapToLong(Row::elements).sum();
  }

  /**
   * Refuses more trainable elements than a limit.
   *
   * @param limit 0 for none
   * @throws ConfigException saying by how much it is exceeded
   */
  public static void requireWithin(long trainable, long limit) {
    if (limit > 0 && trainable > limit) {
      throw new ConfigException(
          "%,d elements would train, %,d more than training.max_trainable allows (%,d): lower lora.rank, adapt fewer lora.targets, or raise the limit"
              .formatted(trainable, trainable - limit, limit));
    }
  }
}
