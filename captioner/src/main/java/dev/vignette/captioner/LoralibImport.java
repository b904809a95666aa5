package dev.vignette.captioner;

import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.LoraSettings.InvalidLoraException;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.sentences.NameList;
import dev.vignette.torch.Torch;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorShape;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adapters saved with loralib ({@code lora.lora_state_dict}): keys like {@code
 * decoder.transformer.h.0.attn.c_attn.lora_A}, A as (r, in) and B as (out, r). They say neither
 * alpha nor dropout: alpha is given by the user, loralib's default being 1.
 */
public final class LoralibImport {
  private static final Pattern KEY =
      Pattern.compile("(?:.*\\.)?(transformer\\..+|lm_head)\\.lora_([AB])");

  /** What a state of the whole model, or loralib's {@code bias="all"}, has beside them. */
  private static final Pattern DECODER_KEY =
      Pattern.compile("(?:.*\\.)?(?:transformer\\.(.+)|(lm_head\\.weight))");

  private LoralibImport() {}

  /**
   * Turns a file into an adapter's folder.
   *
   * @param file safetensors or PyTorch checkpoint
   * @param alpha of all adapters
   * @param projectionKey what the projection's {@code .weight} and {@code .bias} are called
   * @return what of the file is not taken, in sentences
   * @throws WeightsException when the file holds no such adapter, or of other shapes, or weights of
   *     the decoder that differ from its own
   * @throws IllegalArgumentException if {@code target} holds a model or an adapter
   */
  public static List<String> convert(
      Path file, double alpha, String projectionKey, AdapterFolder.Origin origin, Path target)
      throws IOException {
    OccupiedFolder.requireNoRun(target);
    if (Files.exists(target.resolve(AdapterFolder.ADAPTER))) {
      OccupiedFolder.requireNoModel(target);
    }
    TensorFile saved = TensorFile.open(file);
    SequencedMap<String, String> keys = new LinkedHashMap<>();
    for (String key : saved.tensors().keySet()) {
      Matcher matcher = KEY.matcher(key);
      if (matcher.matches()) {
        keys.put(matcher.group(1) + "." + matcher.group(2), key);
      }
    }
    requirePairs(saved, keys);
    Gpt2Weights weights = Gpt2Weights.open(origin.decoder());
    AdapterPlan plan = plan(saved, weights.config(), keys, alpha);
    List<String> rest = rest(saved, keys, projectionKey);
    try (NDManager manager = Torch.newManager();
        Trainables trainables =
            Trainables.fresh(manager, plan, origin.visualWidth(), weights.config().width(), 0)) {
      keys.forEach((name, key) -> copy(saved, key, trainables, name));
      for (String part : List.of("weight", "bias")) {
        copy(saved, projectionKey + "." + part, trainables, "proj." + part);
      }
      rest.removeAll(decoders(saved, rest, weights, plan, trainables));
      AdapterFolder.requireNotMerged(file, trainables, plan, weights);
      requireFree(target, trainables, plan, origin);
      try (ProcessLock _ = OutputFolder.take(target, AdapterFolder.ADAPTER)) {
        requireFree(target, trainables, plan, origin);
        OccupiedFolder.deleteAbandoned(target);
        AdapterFolder.save(target, trainables, plan, origin);
      } catch (IOException failure) {
        throw new UnwritableFileException(
            "The adapter %s cannot be written (%s): make room or give permission, or choose another --output"
                .formatted(target, UnwritableFileException.reasonOf(failure)),
            failure);
      }
    }
    return rest.isEmpty()
        ? List.of()
        : List.of(NameList.of("Tensors of %s that are not taken".formatted(file), rest));
  }

  /** What is neither adapter nor projection. */
  private static List<String> rest(
      TensorFile saved, SequencedMap<String, String> keys, String projectionKey) {
    List<String> rest = new ArrayList<>(saved.tensors().keySet());
    rest.removeAll(keys.values());
    rest.removeAll(List.of(projectionKey + ".weight", projectionKey + ".bias"));
    return rest;
  }

  /**
   * The tensors among others that are the decoder's as they are.
   *
   * @throws WeightsException naming those that were trained too: A and B alone are not all of such
   *     an adapter
   */
  private static List<String> decoders(
      TensorFile saved,
      List<String> names,
      Gpt2Weights decoder,
      AdapterPlan plan,
      Trainables trainables) {
    List<String> same = new ArrayList<>();
    List<String> trained = new ArrayList<>();
    for (String name : names) {
      Matcher key = DECODER_KEY.matcher(name);
      String own = key.matches() ? Objects.requireNonNullElse(key.group(1), key.group(2)) : "";
      if (Gpt2Weights.isBuffer(own)) {
        same.add(name);
      } else if (decoder.has(own)) {
        boolean isSame = DecoderCopy.isOfDecoder(saved, name, decoder, own, plan, trainables);
        (isSame ? same : trained).add(name);
      }
    }
    if (!trained.isEmpty()) {
      throw new WeightsException(
          NameList.of(
                  "%s holds weights of the decoder that differ from those of %s"
                      .formatted(saved.path(), decoder.file()),
                  trained)
              + ". Only LoRA's A and B and the projection are read here: give the decoder that they were trained on by --decoder, the adapter's own --alpha where it is added to them, or train without them (bias=\"none\")");
    }
    return same;
  }

  /** Refuses a folder with a model or an adapter, but for what this import left when it stopped. */
  private static void requireFree(
      Path target, Trainables trainables, AdapterPlan plan, AdapterFolder.Origin origin)
      throws IOException {
    Map<String, byte[]> own = new LinkedHashMap<>();
    AdapterFolder.texts(plan, origin)
        .forEach((name, text) -> own.put(name, text.getBytes(StandardCharsets.UTF_8)));
    Path projection = target.resolve(AdapterFolder.PROJECTION);
    if (OccupiedFolder.namesIn(target).containsAll(own.keySet())
        && Files.isRegularFile(projection)
        && AdapterFolder.isProjection(projection, trainables)) {
      own.put(AdapterFolder.PROJECTION, Files.readAllBytes(projection)); // comes after them
    }
    if (!OccupiedFolder.isUnfinished(target, own)) {
      OccupiedFolder.requireNoModel(target);
    }
  }

  /** A matrix whose partner is missing would be joined with one that makes it vanish. */
  private static void requirePairs(TensorFile saved, SequencedMap<String, String> keys) {
    List<String> alone = new ArrayList<>();
    keys.forEach((name, key) -> {
      String module = name.substring(0, name.length() - 1);
      if (!keys.containsKey(module + (name.endsWith("A") ? "B" : "A"))) {
        alone.add(key);
      }
    });
    if (!alone.isEmpty()) {
      throw new WeightsException(
          "An adapter is lora_A and lora_B of one module, but %s has only one of them for %s; save all of it with lora.lora_state_dict"
              .formatted(saved.path(), alone));
    }
  }

  private static void copy(TensorFile saved, String key, Trainables trainables, String name) {
    if (!saved.tensors().containsKey(key)) {
      throw new WeightsException(
          "%s has no %s; name the projection by --projection-key. It has %s"
              .formatted(saved.path(), key, saved.tensors().keySet().stream().limit(10).toList()));
    }
    trainables.set(saved, key, name);
  }

  private static AdapterPlan plan(
      TensorFile saved, Gpt2Config decoder, SequencedMap<String, String> keys, double alpha) {
    try {
      return AdapterPlan.of(decoder, settings(saved, keys, alpha));
    } catch (InvalidLoraException e) {
      throw e.setting().equals("alpha")
          ? new IllegalArgumentException(e.about("--alpha"), e)
          : new WeightsException("%s: %s".formatted(saved.path(), e.about(e.setting())));
    }
  }

  /** One rank for most, a pattern for each module of another. */
  private static LoraSettings settings(
      TensorFile saved, SequencedMap<String, String> keys, double alpha) {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    keys.forEach((name, key) -> {
      if (name.endsWith(".A")) {
        TensorShape shape = saved.info(key).shape();
        ranks.put(name.substring(0, name.length() - 2), (int) shape.get(0));
      }
    });
    if (ranks.isEmpty()) {
      throw new WeightsException(
          "%s has no keys of loralib (...transformer.h.0.attn.c_attn.lora_A and the like)%s"
              .formatted(
                  saved.path(),
                  saved.tensors().keySet().stream().anyMatch(key -> key.endsWith(".lora_A.weight"))
                      ? "; its keys are PEFT's, and PEFT's folder is read as it is: give it as --adapter"
                      : ""));
    }
    Map<Integer, Integer> counts = new TreeMap<>();
    ranks.values().forEach(rank -> counts.merge(rank, 1, Integer::sum));
    int usual = counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    Map<String, Integer> pattern = new LinkedHashMap<>();
    ranks.forEach((module, rank) -> {
      if (rank != usual) {
        pattern.put(module.replace(".", "\\."), rank);
      }
    });
    return new LoraSettings(
        usual, alpha, 0, false, new ArrayList<>(ranks.keySet()), pattern, Map.of());
  }
}
