package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captions.AtomicFile;
import dev.vignette.captions.batch.ContentHash;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An adapter on disk as PEFT 0.19 writes it: {@code adapter_model.safetensors} and {@code
 * adapter_config.json}, with the projection in {@code projection.safetensors} and what it belongs
 * to in {@code captioner.json} beside them.
 */
public final class AdapterFolder {
  static final String ADAPTER = "adapter_model.safetensors";
  static final String CONFIG = "adapter_config.json";
  static final String PROJECTION = "projection.safetensors";
  static final String ORIGIN = "captioner.json";
  private static final String PREFIX = "base_model.model.";
  private static final String SAVED_WITH = "projection_sha256";

  private AdapterFolder() {}

  /**
   * What an adapter was trained on.
   *
   * @param encoder folder of the timm model
   * @param decoder folder or file of GPT-2
   * @param tokenizer folder of its tokenizer
   * @param visualWidth channels of the encoder's rows
   */
  public record Origin(Path encoder, Path decoder, Path tokenizer, int visualWidth) {
    /** Makes the paths absolute, so that the adapter can be used from anywhere. */
    public Origin {
      encoder = encoder.toAbsolutePath().normalize();
      decoder = decoder.toAbsolutePath().normalize();
      tokenizer = tokenizer.toAbsolutePath().normalize();
    }

    void write(Path file) {
      AtomicFile.writeString(
          file,
          JsonMapper.shared()
                  .createObjectNode()
                  .put("encoder", encoder.toString())
                  .put("decoder", decoder.toString())
                  .put("tokenizer", tokenizer.toString())
                  .put("visual_width", visualWidth)
                  .toPrettyString()
              + "\n");
    }

    /** Reads what a saved adapter belongs to; relative paths are taken from its folder. */
    public static Origin read(Path folder) throws IOException {
      Path file = folder.resolve(ORIGIN);
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "%s has no %s; give a folder that captioner train made (runs/NAME/best)"
                .formatted(folder, ORIGIN));
      }
      try {
        JsonNode node = JsonMapper.shared().readTree(Files.readString(file));
        return new Origin(
            folder.resolve(node.required("encoder").asString()),
            folder.resolve(node.required("decoder").asString()),
            folder.resolve(node.required("tokenizer").asString()),
            node.required("visual_width").asInt());
      } catch (JacksonException e) {
        throw damaged(file, e);
      }
    }
  }

  /**
   * Writes an adapter with its projection. Each file appears whole, and the adapter, which comes
   * last, names the projection it was saved with: a kill between the two is noticed by {@link
   * #load}.
   */
  public static void save(Path folder, Trainables trainables, AdapterPlan plan, Origin origin)
      throws IOException {
    Files.createDirectories(folder);
    SequencedMap<String, NDArray> adapters = new LinkedHashMap<>();
    for (AdapterSlot slot : plan.slots()) {
      adapters.put(peftName(slot, "A"), trainables.array(slot.module() + ".A"));
      adapters.put(peftName(slot, "B"), trainables.array(slot.module() + ".B"));
    }
    SequencedMap<String, NDArray> projection = new LinkedHashMap<>();
    projection.put("weight", trainables.array(Trainables.PROJECTION_WEIGHT));
    projection.put("bias", trainables.array(Trainables.PROJECTION_BIAS));
    SafetensorsWriter.write(folder.resolve(PROJECTION), projection, Map.of("format", "pt"));
    origin.write(folder.resolve(ORIGIN));
    AtomicFile.writeString(
        folder.resolve(CONFIG), PeftConfig.write(plan.settings(), origin.decoder().toString()));
    SafetensorsWriter.write(
        folder.resolve(ADAPTER),
        adapters,
        Map.of("format", "pt", SAVED_WITH, ContentHash.of(folder.resolve(PROJECTION))));
  }

  /** How many elements a saved adapter has, the projection's included. */
  public static long parameters(Path folder) throws IOException {
    long parameters = 0;
    for (String file : List.of(ADAPTER, PROJECTION)) {
      parameters +=
          Safetensors.open(folder.resolve(file)).tensors().values().stream()
              .mapToLong(tensor -> tensor.shape().size())
              .sum();
    }
    return parameters;
  }

  /** The settings of a saved adapter. */
  public static LoraSettings settings(Path folder) throws IOException {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s has no %s; give the folder of a PEFT adapter".formatted(folder, CONFIG));
    }
    try {
      return PeftConfig.read(file);
    } catch (JacksonException e) {
      throw damaged(file, e);
    }
  }

  private static WeightsException damaged(Path file, JacksonException e) {
    return new WeightsException(
        "%s is damaged or no file of an adapter (%s); train or import it again"
            .formatted(file, e.getOriginalMessage()),
        e);
  }

  /**
   * Loads an adapter into arrays that were made for its plan, and its projection if it has one.
   *
   * @throws WeightsException naming missing and extra tensors
   */
  public static void load(Path folder, Trainables trainables, AdapterPlan plan) throws IOException {
    if (!Files.isRegularFile(folder.resolve(ADAPTER))) {
      throw new WeightsException(
          "%s has no %s; give a folder that captioner train made (runs/NAME/best)"
              .formatted(folder, ADAPTER));
    }
    Safetensors file = Safetensors.open(folder.resolve(ADAPTER));
    Map<String, String> names = new LinkedHashMap<>();
    for (AdapterSlot slot : plan.slots()) {
      names.put(peftName(slot, "A"), slot.module() + ".A");
      names.put(peftName(slot, "B"), slot.module() + ".B");
    }
    requireSame(file, names.keySet().stream().toList());
    names.forEach((saved, ours) -> trainables.set(file, saved, ours));
    Path projection = folder.resolve(PROJECTION);
    if (Files.isRegularFile(projection)) {
      requireSavedTogether(file, projection);
      Safetensors saved = Safetensors.open(projection);
      trainables.set(saved, "weight", Trainables.PROJECTION_WEIGHT);
      trainables.set(saved, "bias", Trainables.PROJECTION_BIAS);
    }
  }

  private static void requireSavedTogether(Safetensors adapter, Path projection)
      throws IOException {
    String expected = adapter.metadata().get(SAVED_WITH);
    if (expected != null && !expected.equals(ContentHash.of(projection))) {
      throw new WeightsException(
          "%s and %s were not saved together: saving was cut short; go on with captioner train --resume, which saves both"
              .formatted(adapter.path(), projection));
    }
  }

  private static void requireSame(Safetensors file, List<String> expected) {
    List<String> missing = new ArrayList<>(expected);
    missing.removeAll(file.tensors().keySet());
    List<String> extra = new ArrayList<>(file.tensors().keySet());
    extra.removeAll(expected);
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new WeightsException(
          "%s does not fit its %s: missing %s, extra %s"
              .formatted(file.path(), CONFIG, missing, extra));
    }
  }

  /** PEFT's name of A or B of a module. */
  static String peftName(AdapterSlot slot, String matrix) {
    return PREFIX
        + slot.module()
        + (slot.embedding() ? ".lora_embedding_" + matrix : ".lora_" + matrix + ".weight");
  }
}
