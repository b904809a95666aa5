package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.CaptionTokenizer;
import dev.vignette.captioner.model.DecoderBatch;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.OwnedResources;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionTask;
import dev.vignette.captions.run.CaptionWorker;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.GroupWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.captions.run.ScoredToken;
import dev.vignette.decoding.CaptionSearch;
import dev.vignette.decoding.EndCondition;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.Hypothesis;
import dev.vignette.decoding.Ticket;
import dev.vignette.files.ContentHash;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.IntConsumer;

/**
 * Captions images with a trained adapter, a batch at a time. {@link #caption} is for one thread.
 */
public final class VitGpt2Captioner implements CaptionWorkers<float[]>, AutoCloseable {
  private static final int BATCH = 16;

  /** Raise it when the same model, image and settings give other captions than before. */
  private static final int REVISION = 1;

  private static final double NANOS_PER_MILLI = 1e6;

  private final OwnedResources owned = new OwnedResources();
  private final NDManager manager;
  private final GenerationConfig config;
  private final ImageEncoder encoder;
  private final CaptionTokenizer tokenizer;
  private final CaptionDecoder decoder;
  private final ModelFingerprint fingerprint;
  private final List<String> warnings;

  private VitGpt2Captioner(Path folder, AdapterFolder.Origin origin, GenerationConfig config)
      throws IOException {
    try {
      manager = owned.add(Torch.newManager());
      encoder = owned.add(new ImageEncoder(TimmVit.describe(origin.encoder()), Precision.FP32));
      Gpt2Weights weights = Gpt2Weights.open(origin.decoder());
      this.config = fitting(config, weights.config().positions());
      tokenizer =
          owned.add(CaptionTokenizer.open(origin.tokenizer(), weights.config().endToken()));
      LoraSettings settings = AdapterFolder.settings(folder);
      AdapterPlan plan = AdapterPlan.of(weights.config(), settings);
      int width = encoder.description().shape().width();
      Trainables trainables =
          owned.add(Trainables.fresh(manager, plan, width, weights.config().width(), 0));
      AdapterFolder.requireProjection(folder);
      warnings = AdapterFolder.load(folder, trainables, plan, weights);
      decoder =
          owned.add(
              new CaptionDecoder(
                  manager,
                  weights,
                  plan,
                  trainables,
                  encoder.description().shape().tokens(),
                  CaptionDecoder.Regularization.NONE,
                  Precision.FP32));
      fingerprint = fingerprint(folder, origin.tokenizer(), weights, settings);
    } catch (IOException | RuntimeException | Error e) {
      owned.closeAfter(e);
      throw e;
    }
  }

  /** No caption is longer than the decoder's positions; the visual rows take none of them. */
  private static GenerationConfig fitting(GenerationConfig config, int positions) {
    if (config.minNewTokens() > positions) {
      throw new IllegalArgumentException(
          "min_new_tokens is at most the decoder's positions, %d, not %d"
              .formatted(positions, config.minNewTokens()));
    }
    return config.withMaxNewTokens(Math.min(config.maxNewTokens(), positions));
  }

  /**
   * Loads a captioner.
   *
   * @param folder of the adapter, as {@code captioner train} leaves it
   * @param origin what it belongs to; {@link AdapterFolder.Origin#read} knows where it was trained
   * @param config how tokens are chosen
   */
  public static VitGpt2Captioner load(
      Path folder, AdapterFolder.Origin origin, GenerationConfig config) throws IOException {
    return new VitGpt2Captioner(folder, origin, config);
  }

  private ModelFingerprint fingerprint(
      Path folder, Path tokenizerFolder, Gpt2Weights weights, LoraSettings settings)
      throws IOException {
    TimmVit description = encoder.description();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("captioner", "vit-gpt2");
    values.put("encoder", ContentHash.sampled(description.weightFile()));
    values.put("decoder", ContentHash.sampled(weights.file()));
    values.put("adapter", ContentHash.sampled(AdapterFolder.weightFile(folder)));
    values.put("projection", ContentHash.sampled(folder.resolve(AdapterFolder.PROJECTION)));
    values.put("lora", settings.toString());
    values.put("pixels", description.shape() + " " + description.mean() + " " + description.std());
    values.put("tokens", weights.config().toString());
    values.put("generation", config.toString());
    return ModelFingerprint.of(values)
        .withAdded("tokenizer", tokenizerHash(tokenizerFolder))
        .withRevision(REVISION);
  }

  private static String tokenizerHash(Path folder) throws IOException {
    StringJoiner hashes = new StringJoiner(" ");
    for (Path file : CaptionTokenizer.files(folder)) {
      hashes.add(ContentHash.sampled(file));
    }
    return hashes.toString();
  }

  /** What is odd about the adapter and its decoder, in sentences for a person. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public float[] prepare(RgbImage image) {
    return encoder.pixels(image);
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return fingerprint;
  }

  @Override
  public CaptionWorker<float[]> open(int number) {
    return new GroupWorker<>(
        BATCH,
        tasks ->
            caption(tasks.stream().map(CaptionTask::prepared).toList()).stream()
                .map(List::of)
                .toList());
  }

  /**
   * Captions images together.
   *
   * @param images what {@link #prepare} made, at least one
   * @return a caption an image, in their order
   */
  public List<CaptionDetails> caption(List<float[]> images) {
    long start = System.nanoTime();
    try (NDManager batch = manager.newSubManager()) {
      NDArray features = encoder.encode(batch, images, AttentionTap.NONE);
      double encodeMillis = (System.nanoTime() - start) / NANOS_PER_MILLI / images.size();
      return DecoderBatch.captions(batch, decoder, features, config, end()).stream()
          .map(ticket -> details(ticket, encodeMillis))
          .toList();
    }
  }

  /**
   * Captions one image and hears its attention.
   *
   * @param tap receives (N, heads, P + t) of the layers it wants at each step, t tokens being read
   */
  public Hypothesis search(float[] pixels, AttentionTap tap) {
    return search(pixels, Optional.empty(), tap, token -> {});
  }

  private Hypothesis search(
      NDManager batch,
      NDArray features,
      Optional<int[]> given,
      AttentionTap tap,
      IntConsumer chosen) {
    int vocabulary = decoder.config().vocabulary();
    CaptionSearch search =
        given
            .map(tokens -> CaptionSearch.following(tokens, vocabulary))
            .orElseGet(() -> CaptionSearch.of(config, new int[0], vocabulary, end()));
    try (DecoderBatch decoding = new DecoderBatch(batch, decoder, 1, search.width(), tap)) {
      return decoding.await(decoding.submit(features, search, chosen::accept));
    }
  }

  private EndCondition end() {
    return new EndCondition(
        new int[] {decoder.config().endToken()}, config.stopStrings(), tokenizer::decode);
  }

  /**
   * Captions one image, or reads a caption, and hears its attention.
   *
   * @param given tokens to be read instead of generated ones, if present
   * @param tap receives (1, heads, P + t) of the layers it wants before each token is chosen
   * @param chosen hears each token when it is chosen
   */
  Hypothesis search(float[] pixels, Optional<int[]> given, AttentionTap tap, IntConsumer chosen) {
    try (NDManager batch = manager.newSubManager()) {
      NDArray features = encoder.encode(batch, List.of(pixels), AttentionTap.NONE);
      return search(batch, features, given, tap, chosen);
    }
  }

  GenerationConfig config() {
    return config;
  }

  CaptionDecoder decoder() {
    return decoder;
  }

  CaptionTokenizer tokenizer() {
    return tokenizer;
  }

  ImageEncoder encoder() {
    return encoder;
  }

  private CaptionDetails details(Ticket ticket, double encodeMillis) {
    Hypothesis found = ticket.hypothesis();
    List<ScoredToken> tokens = new ArrayList<>();
    for (int i = 0; i < found.tokens().length; i++) {
      tokens.add(new ScoredToken(found.tokens()[i], found.logProbabilities()[i]));
    }
    String text = text(found);
    CaptionDetails details =
        new CaptionDetails(
            text,
            tokens,
            found.score(),
            encodeMillis,
            ticket.prefixMillis() + ticket.prefillMillis(),
            ticket.decodeMillis());
    String whole = tokenizer.decode(found.tokens());
    return config.stopStrings().stream().anyMatch(whole::contains)
        ? details.endedByStop()
        : details;
  }

  /** A hypothesis' caption, without a stop string that ended it. */
  public String text(Hypothesis hypothesis) {
    String text = tokenizer.decode(hypothesis.tokens());
    for (String stop : config.stopStrings()) {
      int at = text.indexOf(stop);
      text = at < 0 ? text : text.substring(0, at).strip();
    }
    return text;
  }

  @Override
  public void close() {
    owned.close();
  }
}
