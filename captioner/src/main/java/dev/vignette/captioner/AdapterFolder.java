package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.LoraSettings.InvalidLoraException;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import dev.vignette.files.OutputFolder;
import dev.vignette.torch.CheckedWeights;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.weights.ModelFolder;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorInfo;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An adapter on disk as PEFT 0.19 writes it: {@code adapter_model.safetensors} and {@code
 * adapter_config.json}, with the projection in {@code projection.safetensors} and what it belongs
 * to in {@code captioner.json} beside them.
 */
public final class AdapterFolder {
  static final String ADAPTER = "adapter_model.safetensors";

  /** What PEFT wrote before it wrote safetensors, and writes where it is asked to. */
  static final String ADAPTER_BIN = "adapter_model.bin";

  static final String CONFIG = "adapter_config.json";
  static final String PROJECTION = "projection.safetensors";
  static final String ORIGIN = "captioner.json";

  /** How the decoder was changed before training, in {@link #ORIGIN}: see {@link PeftConfig}. */
  static final String INITIALIZED_BY = "decoder_initialized_by";

  /** What to do about a damaged file of an adapter. */
  static final String REMEDY = "copy the adapter again, or train or import it again";

  private static final String PREFIX = "base_model.model.";

  /** The base weights that PEFT saves beside an adapter on them, wrapped or not. */
  private static final Pattern BASE_COPY =
      Pattern.compile(
          "base_model\\.model\\.(?:transformer\\.)?(wte|wpe|lm_head)(?:\\.base_layer)?\\.weight");

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

    /** With hashes of the weights, by which they are known again wherever they are. */
    String text() throws IOException {
      ObjectNode origin =
          JsonMapper.shared()
              .createObjectNode()
              .put("encoder", encoder.toString())
              .put("decoder", decoder.toString())
              .put("tokenizer", tokenizer.toString())
              .put("visual_width", visualWidth);
      if (Files.isDirectory(encoder) && Files.exists(decoder)) {
        AdapterBase.of(this).forEach(origin::put);
      }
      return origin.toPrettyString() + "\n";
    }

    /** Reads what a saved adapter belongs to; relative paths are taken from its folder. */
    public static Origin read(Path folder) throws IOException {
      Path file = folder.resolve(ORIGIN);
      if (!Files.isRegularFile(file)) {
        ModelFolder.requireEntry(folder);
        throw new IllegalArgumentException(
            "%s has no %s; give a folder that captioner train made (runs/NAME/best)"
                .formatted(folder, ORIGIN));
      }
      JsonSettings settings = JsonSettings.read(file, REMEDY);
      return new Origin(
          path(settings, "encoder"),
          path(settings, "decoder"),
          path(settings, "tokenizer"),
          settings.integer("visual_width"));
    }

    private static Path path(JsonSettings settings, String name) {
      try {
        return settings.file().resolveSibling(settings.text(name));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException(
            "%s has %s %s, and it must be a path; %s"
                .formatted(settings.file(), name, settings.node().path(name), REMEDY),
            e);
      }
    }

    /**
     * The same where models are no longer where they were in training.
     *
     * @param movedEncoder null where it still is there
     * @param movedDecoder null where it still is there; its tokenizer is taken if it has one
     */
    public Origin moved(@Nullable Path movedEncoder, @Nullable Path movedDecoder) {
      return new Origin(
          movedEncoder == null ? encoder : movedEncoder,
          movedDecoder == null ? decoder : movedDecoder,
          movedDecoder != null && Gpt2Tokenizer.isIn(movedDecoder) ? movedDecoder : tokenizer,
          visualWidth);
    }
  }

  /**
   * Writes an adapter with its projection. Each file appears whole, and the adapter, which comes
   * last, names the projection it was saved with: a kill between the two is noticed by {@link
   * #load}.
   */
  public static void save(Path folder, Trainables trainables, AdapterPlan plan, Origin origin)
      throws IOException {
    OutputFolder.make(folder);
    texts(plan, origin).forEach((name, text) -> AtomicFile.writeString(folder.resolve(name), text));
    SequencedMap<String, NDArray> adapters = new LinkedHashMap<>();
    for (AdapterSlot slot : plan.slots()) {
      adapters.put(peftName(slot, "A"), trainables.array(slot.module() + ".A"));
      adapters.put(peftName(slot, "B"), trainables.array(slot.module() + ".B"));
    }
    SequencedMap<String, NDArray> projection = new LinkedHashMap<>();
    projection.put("weight", trainables.array(Trainables.PROJECTION_WEIGHT));
    projection.put("bias", trainables.array(Trainables.PROJECTION_BIAS));
    CheckedWeights.write(folder.resolve(PROJECTION), projection, Map.of("format", "pt"));
    CheckedWeights.write(
        folder.resolve(ADAPTER),
        adapters,
        Map.of("format", "pt", SAVED_WITH, ContentHash.of(folder.resolve(PROJECTION))));
  }

  /** What an adapter's folder says of it, by the files' names. */
  static SequencedMap<String, String> texts(AdapterPlan plan, Origin origin) throws IOException {
    SequencedMap<String, String> texts = new LinkedHashMap<>();
    texts.put(ORIGIN, origin.text());
    texts.put(CONFIG, PeftConfig.write(plan.settings(), origin.decoder().toString()));
    return texts;
  }

  /** Whether a folder has an adapter's weights. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(weightFile(folder));
  }

  /**
   * Whether a folder has an adapter's weights and the projection that was trained with them, both
   * as they were saved.
   */
  public static boolean isWholeIn(Path folder) throws IOException {
    Path projection = folder.resolve(PROJECTION);
    if (!isIn(folder) || !Files.isRegularFile(projection)) {
      return false;
    }
    try {
      requireSavedTogether(open(folder), projection);
      for (Path file : List.of(weightFile(folder), projection)) {
        if (TensorFile.open(file) instanceof Safetensors saved) {
          CheckedWeights.require(saved, REMEDY);
        }
      }
      return true;
    } catch (WeightsException _) {
      return false;
    }
  }

  /** The adapter's weights in a folder, in PEFT's newer or older form. */
  static Path weightFile(Path folder) {
    Path file = folder.resolve(ADAPTER);
    Path older = folder.resolve(ADAPTER_BIN);
    if (Files.isRegularFile(file) || !Files.isRegularFile(older)) {
      return file;
    }
    return older;
  }

  /** How many elements a saved adapter has, the projection's included. */
  public static long parameters(Path folder) throws IOException {
    long parameters = 0;
    for (Path file : List.of(weightFile(folder), folder.resolve(PROJECTION))) {
      parameters +=
          TensorFile.open(file).tensors().values().stream()
              .filter(tensor -> !BASE_COPY.matcher(tensor.name()).matches())
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
    return PeftConfig.read(file, initializedBy(folder.resolve(ORIGIN)));
  }

  /**
   * Where a saved adapter goes in a GPT-2.
   *
   * @throws IllegalArgumentException naming the file and a setting that cannot be, or does not suit
   *     the GPT-2
   */
  static AdapterPlan plan(Path folder, Gpt2Config decoder) throws IOException {
    LoraSettings settings = settings(folder);
    try {
      return AdapterPlan.of(decoder, settings);
    } catch (InvalidLoraException e) {
      throw PeftConfig.named(folder.resolve(CONFIG), e);
    }
  }

  private static String initializedBy(Path origin) throws IOException {
    return Files.isRegularFile(origin)
        ? JsonSettings.read(origin, REMEDY).node().path(INITIALIZED_BY).asString("")
        : "";
  }

  /**
   * Loads an adapter into arrays that were made for its plan, and its projection if it has one.
   *
   * @throws WeightsException naming missing and extra tensors, or a file that was damaged
   */
  public static void load(Path folder, Trainables trainables, AdapterPlan plan) throws IOException {
    TensorFile file = open(folder);
    Map<String, String> names = names(plan);
    requireSame(file, names.keySet().stream().toList());
    if (file instanceof Safetensors saved) {
      CheckedWeights.require(saved, REMEDY);
    }
    names.forEach((saved, ours) -> trainables.set(file, saved, ours));
    Path projection = folder.resolve(PROJECTION);
    if (Files.isRegularFile(projection)) {
      Safetensors saved = Safetensors.open(projection);
      CheckedWeights.require(saved, REMEDY);
      requireSavedTogether(file, projection);
      requireOneLayer(saved);
      trainables.set(saved, "weight", Trainables.PROJECTION_WEIGHT);
      trainables.set(saved, "bias", Trainables.PROJECTION_BIAS);
    }
  }

  /**
   * Loads an adapter as {@link #load(Path, Trainables, AdapterPlan)} does, for a decoder that it is
   * not merged into yet.
   *
   * @return what is odd, in sentences
   * @throws WeightsException if the decoder holds the adapter already
   */
  static List<String> load(
      Path folder, Trainables trainables, AdapterPlan plan, Gpt2Weights decoder)
      throws IOException {
    load(folder, trainables, plan);
    requireNotMerged(folder, trainables, plan, decoder);
    List<String> odd = new ArrayList<>(PeftConfig.passedOver(folder.resolve(CONFIG)));
    odd.addAll(differingBases(open(folder), decoder));
    odd.addAll(AdapterBase.other(folder, decoder));
    return odd;
  }

  /**
   * Refuses an adapter that a decoder holds already.
   *
   * @param adapter how it is called in the sentence
   * @throws WeightsException saying so
   */
  static void requireNotMerged(
      Path adapter, Trainables trainables, AdapterPlan plan, Gpt2Weights decoder)
      throws IOException {
    Set<String> merged = decoder.mergedAdapters();
    if (!merged.isEmpty() // a hash reads the whole adapter
        && !plan.slots().isEmpty()
        && merged.contains(identity(trainables, plan))) {
      throw new WeightsException(
          "The adapter %s is merged into %s already: added again it captions wrongly. Give the decoder it was trained on by --decoder"
              .formatted(adapter, decoder.file()));
    }
  }

  /**
   * Refuses an adapter without the projection that it was trained with.
   *
   * @throws WeightsException saying so
   */
  static void requireProjection(Path folder) {
    if (!Files.isRegularFile(folder.resolve(PROJECTION))) {
      throw new WeightsException(
          "%s has no %s, which the captioner looks through; give a folder that captioner train made (runs/NAME/best), or put the projection there"
              .formatted(folder, PROJECTION));
    }
  }

  private static TensorFile open(Path folder) throws IOException {
    Path file = weightFile(folder);
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(
          "%s has neither %s nor %s; give a folder that captioner train made (runs/NAME/best)"
              .formatted(folder, ADAPTER, ADAPTER_BIN));
    }
    return TensorFile.open(file);
  }

  /** Our names by PEFT's. */
  private static Map<String, String> names(AdapterPlan plan) {
    Map<String, String> names = new LinkedHashMap<>();
    for (AdapterSlot slot : plan.slots()) {
      names.put(peftName(slot, "A"), slot.module() + ".A");
      names.put(peftName(slot, "B"), slot.module() + ".B");
    }
    return names;
  }

  /** What an adapter is, whatever file it lies in: a hash of its matrices. */
  static String identity(Trainables trainables, AdapterPlan plan) {
    Map<String, String> names = names(plan);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String name : new TreeSet<>(names.keySet())) {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update(
            SafetensorsWriter.bytes(trainables.array(Objects.requireNonNull(names.get(name)))));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** PEFT saves embeddings and head beside adapters on them: they must be the decoder's. */
  private static List<String> differingBases(TensorFile file, Gpt2Weights decoder) {
    List<String> differing = new ArrayList<>();
    for (TensorInfo saved : file.tensors().values()) {
      Matcher copy = BASE_COPY.matcher(saved.name());
      if (copy.matches()) {
        String base = copy.group(1) + ".weight";
        if (!DecoderCopy.isEqual(file, saved.name(), decoder, base)) {
          differing.add(
              "%s holds the %s it was trained on, and that of %s differs: the adapter belongs to another GPT-2 and may caption badly"
                  .formatted(file.path(), copy.group(1), decoder.file()));
        }
      }
    }
    return differing;
  }

  /** A projection of more layers would caption as if it had one. */
  private static void requireOneLayer(Safetensors projection) {
    List<String> extra = new ArrayList<>(projection.tensors().keySet());
    extra.removeAll(List.of("weight", "bias"));
    if (!extra.isEmpty()) {
      throw new WeightsException(
          "The projection is one linear map, weight and bias, but %s has %s beside; %s"
              .formatted(projection.path(), some(extra), REMEDY));
    }
  }

  /** Whether a file is a projection of the values that arrays have. */
  static boolean isProjection(Path file, Trainables trainables) throws IOException {
    try {
      Safetensors saved = Safetensors.open(file);
      return saved.tensors().keySet().equals(Set.of("weight", "bias"))
          && saved
              .float32("weight")
              .equals(SafetensorsWriter.bytes(trainables.array(Trainables.PROJECTION_WEIGHT)))
          && saved
              .float32("bias")
              .equals(SafetensorsWriter.bytes(trainables.array(Trainables.PROJECTION_BIAS)));
    } catch (WeightsException _) {
      return false;
    }
  }

  private static void requireSavedTogether(TensorFile adapter, Path projection) throws IOException {
    String expected = adapter instanceof Safetensors file ? file.metadata().get(SAVED_WITH) : null;
    if (expected != null && !expected.equals(ContentHash.of(projection))) {
      throw new WeightsException(
          "%s and %s were not saved together: saving was cut short; go on with captioner train --resume, which saves both"
              .formatted(adapter.path(), projection));
    }
  }

  private static void requireSame(TensorFile file, List<String> expected) {
    List<String> missing = new ArrayList<>(expected);
    missing.removeAll(file.tensors().keySet());
    List<String> extra = new ArrayList<>(file.tensors().keySet());
    extra.removeAll(expected);
    extra.removeIf(name -> BASE_COPY.matcher(name).matches());
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new WeightsException(
          "%s does not fit the target_modules, exclude_modules and layers_to_transform of its %s: by them it lacks %s, and has %s beside; %s"
              .formatted(file.path(), CONFIG, some(missing), some(extra), REMEDY));
    }
  }

  private static String some(List<String> names) {
    return switch (names.size()) {
      case 0 -> "none";
      case 1, 2 -> String.join(" and ", names);
      default -> "%s and %d others".formatted(names.getFirst(), names.size() - 1);
    };
  }

  /** PEFT's name of A or B of a module. */
  static String peftName(AdapterSlot slot, String matrix) {
    return PREFIX
        + slot.module()
        + (slot.embedding() ? ".lora_embedding_" + matrix : ".lora_" + matrix + ".weight");
  }
}
