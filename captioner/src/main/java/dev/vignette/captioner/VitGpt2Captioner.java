package dev.vignette.captioner;

import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.DecoderBatch;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.OwnedResources;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captions.isolated.IsolatedWorker.PreparedImagePipe;
import dev.vignette.captions.run.BatchWorker;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.files.ContentHash;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import dev.vignette.weights.WeightsException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Captions images with a trained adapter, many at once: images join while others decode. What
 * captions is for one thread.
 */
public final class VitGpt2Captioner implements CaptionWorkers<float[]>, AutoCloseable {
  /** Images that are decoded at once. */
  public static final int BATCH = 16;

  /** Prepared images as they are: how many values, then these. */
  public static final PreparedImagePipe<float[]> PIPE =
      new PreparedImagePipe<>() {
        @Override
        public void write(float[] prepared, DataOutputStream out) throws IOException {
          out.writeInt(prepared.length);
          ByteBuffer bytes = ByteBuffer.allocate(prepared.length * Float.BYTES);
          bytes.asFloatBuffer().put(prepared);
          out.write(bytes.array());
        }

        @Override
        public float[] read(DataInputStream in) throws IOException {
          float[] prepared = new float[in.readInt()];
          byte[] bytes = new byte[prepared.length * Float.BYTES];
          in.readFully(bytes);
          ByteBuffer.wrap(bytes).asFloatBuffer().get(prepared);
          return prepared;
        }
      };

  /** Raise it when the same model, image and settings give other captions than before. */
  private static final int REVISION = 1;

  private final OwnedResources owned = new OwnedResources();
  private final NDManager manager;
  private final GenerationConfig config;
  private final Precision precision;
  private final ImageEncoder encoder;
  private final Gpt2Tokenizer tokenizer;
  private final CaptionDecoder decoder;
  private final ModelFingerprint fingerprint;
  private final List<String> warnings;

  private VitGpt2Captioner(
      Path folder, AdapterFolder.Origin origin, GenerationConfig config, PrecisionChoice choice)
      throws IOException {
    try {
      manager = owned.add(Torch.newManager());
      precision = choice.on(Torch.device(), Torch.hasFastBfloat16());
      encoder = owned.add(new ImageEncoder(TimmVit.describe(origin.encoder()), precision));
      Gpt2Weights weights = Gpt2Weights.open(origin.decoder());
      this.config = fitting(config, weights.config().positions());
      tokenizer = owned.add(Gpt2Tokenizer.open(origin.tokenizer(), weights.config().endToken()));
      AdapterPlan plan = AdapterFolder.plan(folder, weights.config());
      int width = encoder.description().shape().width();
      requireWidth(folder, origin, width);
      Trainables trainables =
          owned.add(Trainables.fresh(manager, plan, width, weights.config().width(), 0));
      AdapterFolder.requireProjection(folder);
      List<String> odd = new ArrayList<>(AdapterFolder.load(folder, trainables, plan, weights));
      odd.addAll(AdapterBase.other(folder, encoder.description()));
      odd.addAll(AdapterBase.otherTokenizer(folder, origin.tokenizer()));
      choice.warning("--dtype", Torch.device(), Torch.hasFastBfloat16()).ifPresent(odd::add);
      warnings = List.copyOf(odd);
      decoder =
          owned.add(
              new CaptionDecoder(
                  manager,
                  weights,
                  plan,
                  trainables,
                  encoder.description().shape().tokens(),
                  CaptionDecoder.Regularization.NONE,
                  precision));
      fingerprint =
          fingerprint(folder, origin, encoder.description(), weights, this.config, precision);
    } catch (IOException | RuntimeException | Error e) {
      owned.closeAfter(e);
      throw e;
    }
  }

  private static void requireWidth(Path folder, AdapterFolder.Origin origin, int width) {
    if (origin.visualWidth() != width) {
      throw new WeightsException(
          "%s has visual_width %d, but the rows of %s have %d channels: give the encoder that the adapter was trained with by --encoder, or copy the adapter again"
              .formatted(
                  folder.resolve(AdapterFolder.ORIGIN),
                  origin.visualWidth(),
                  origin.encoder(),
                  width));
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

  /** Loads a captioner that computes in float32. */
  public static VitGpt2Captioner load(
      Path folder, AdapterFolder.Origin origin, GenerationConfig config) throws IOException {
    return load(folder, origin, config, PrecisionChoice.FP32);
  }

  /**
   * Loads a captioner.
   *
   * @param folder of the adapter, as {@code captioner train} leaves it
   * @param origin what it belongs to; {@link AdapterFolder.Origin#read} knows where it was trained
   * @param config how tokens are chosen
   * @param precision of linear maps and attention
   * @throws dev.vignette.weights.WeightsException if the adapter does not fit the decoder, or is
   *     merged into it already
   */
  public static VitGpt2Captioner load(
      Path folder, AdapterFolder.Origin origin, GenerationConfig config, PrecisionChoice precision)
      throws IOException {
    return new VitGpt2Captioner(folder, origin, config, precision);
  }

  /**
   * The fingerprint of a captioner that is not loaded: of its files and settings.
   *
   * @throws IOException if they cannot be read
   */
  public static ModelFingerprint fingerprint(
      Path folder, AdapterFolder.Origin origin, GenerationConfig config, Precision precision)
      throws IOException {
    Gpt2Weights weights = Gpt2Weights.open(origin.decoder());
    return fingerprint(
        folder,
        origin,
        TimmVit.describe(origin.encoder()),
        weights,
        fitting(config, weights.config().positions()),
        precision);
  }

  private static ModelFingerprint fingerprint(
      Path folder,
      AdapterFolder.Origin origin,
      TimmVit description,
      Gpt2Weights weights,
      GenerationConfig config,
      Precision precision)
      throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("captioner", "vit-gpt2");
    values.put("encoder", ContentHash.sampled(description.weightFile()));
    values.put("decoder", ContentHash.sampled(weights.file()));
    values.put("adapter", ContentHash.sampled(AdapterFolder.weightFile(folder)));
    values.put("projection", ContentHash.sampled(folder.resolve(AdapterFolder.PROJECTION)));
    values.put("lora", AdapterFolder.settings(folder).toString());
    values.put("pixels", description.shape() + " " + description.mean() + " " + description.std());
    values.put("tokens", weights.config().toString());
    values.put("generation", config.toString());
    if (precision != Precision.FP32) { // those of before had no other
      values.put("precision", precision.toString());
    }
    return ModelFingerprint.of(values)
        .withAdded("tokenizer", Gpt2Tokenizer.hash(origin.tokenizer()))
        .withRevision(REVISION);
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
  public int capacity() {
    return BATCH;
  }

  @Override
  public CaptionWorker<float[]> open(int number) {
    return new BatchWorker<>(BATCH, new Decoding(batch(BATCH)));
  }

  private DecoderBatch<float[]> batch(int images) {
    return batch(images, config.numBeams(), AttentionTap.NONE);
  }

  private DecoderBatch<float[]> batch(int images, int beams, AttentionTap tap) {
    return new DecoderBatch<>(
        manager,
        decoder,
        (owner, pixels) -> encoder.encode(owner, pixels, AttentionTap.NONE),
        images,
        beams,
        tap);
  }

  private CaptionSearch search() {
    return CaptionSearch.of(config, new int[0], decoder.config().vocabulary(), end());
  }

  /** The one setting of images. */
  private final class Decoding implements BatchWorker.Model<float[]> {
    private final DecoderBatch<float[]> batch;

    Decoding(DecoderBatch<float[]> batch) {
      this.batch = batch;
    }

    @Override
    public List<Ticket> submit(CaptionTask<float[]> task) {
      return List.of(batch.submit(task.prepared(), search(), TokenListener.NONE));
    }

    @Override
    public boolean step() {
      return batch.step();
    }

    @Override
    public void cancel(Ticket ticket) {
      batch.cancel(ticket);
    }

    @Override
    public List<CaptionDetails> captions(CaptionTask<float[]> task, List<Ticket> tickets) {
      return tickets.stream().map(VitGpt2Captioner.this::details).toList();
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  /**
   * Captions images together.
   *
   * @param images what {@link #prepare} made, at least one
   * @return a caption an image, in their order
   */
  public List<CaptionDetails> caption(List<float[]> images) {
    try (DecoderBatch<float[]> batch = batch(images.size())) {
      List<Ticket> tickets =
          images.stream()
              .map(pixels -> batch.submit(pixels, search(), TokenListener.NONE))
              .toList();
      batch.finish();
      return tickets.stream().map(this::details).toList();
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
    CaptionSearch search =
        given
            .map(tokens -> CaptionSearch.following(tokens, decoder.config().vocabulary()))
            .orElseGet(this::search);
    try (DecoderBatch<float[]> decoding = batch(1, search.width(), tap)) {
      return decoding.await(decoding.submit(pixels, search, chosen::accept));
    }
  }

  GenerationConfig config() {
    return config;
  }

  CaptionDecoder decoder() {
    return decoder;
  }

  Gpt2Tokenizer tokenizer() {
    return tokenizer;
  }

  ImageEncoder encoder() {
    return encoder;
  }

  private CaptionDetails details(Ticket ticket) {
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
            ticket.encodeMillis(),
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
