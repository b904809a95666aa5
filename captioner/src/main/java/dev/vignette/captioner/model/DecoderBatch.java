package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import dev.vignette.decoding.search.DecodingDriver;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.torch.AttentionTap;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Many images beside each other in the captioner's key-value cache, each with the same number of
 * hypotheses. An image joins with its visual rows; its text begins where the others' stands, behind
 * rows that it does not see. All who join at a step are encoded together.
 *
 * <p>A joining or leaving image has the cache copied, so a few wait for each other: whoever finds
 * less than a quarter of the places free waits until it is, or until all have left.
 *
 * @param <P> what is known of an image: its features, or its pixels
 */
public final class DecoderBatch<P> extends DecodingDriver<P, DecoderBatch.Place> {
  /** So many places, of all, are free before somebody joins. */
  private static final double JOINING_SHARE = 0.25;

  private final NDManager manager;
  private final CaptionDecoder decoder;
  private final ImageFeatures<P> features;
  private final int prompts;
  private final int width;
  private final AttentionTap tap;
  private List<Place> order = List.of();
  private @Nullable KeyValueCache cache;
  private @Nullable NDManager reading;
  private int taken;
  private boolean joinable = true;

  /** A prompt's place; what it holds is in the cache, in the order of the places. */
  static final class Place {}

  /** Makes the features of images. */
  @FunctionalInterface
  public interface ImageFeatures<P> {
    /**
     * Makes what the decoder looks at.
     *
     * @param owner of what is made
     * @param images at least one
     * @return (B, P, W)
     */
    NDArray of(NDManager owner, List<P> images);
  }

  /**
   * @param features of images, asked for when they join
   * @param prompts beside each other, 1 or more
   * @param width hypotheses of each, 1 or more: the beams
   * @param tap hears every step; for one prompt of one hypothesis
   */
  public DecoderBatch(
      NDManager parent,
      CaptionDecoder decoder,
      ImageFeatures<P> features,
      int prompts,
      int width,
      AttentionTap tap) {
    super(decoder.config().vocabulary());
    if (prompts < 1 || width < 1) {
      throw new IllegalArgumentException(
          "a batch has 1 prompt and beam or more, not %d and %d".formatted(prompts, width));
    }
    this.manager = parent.newSubManager();
    this.decoder = decoder;
    this.features = features;
    this.prompts = prompts;
    this.width = width;
    this.tap = tap;
  }

  /** A batch whose prompts are features (1, P, W), which stay the caller's until they are done. */
  static DecoderBatch<NDArray> ofFeatures(
      NDManager parent, CaptionDecoder decoder, int prompts, int width, AttentionTap tap) {
    return new DecoderBatch<>(parent, decoder, DecoderBatch::concatenated, prompts, width, tap);
  }

  private static NDArray concatenated(NDManager owner, List<NDArray> images) {
    if (images.size() == 1) {
      return images.getFirst();
    }
    NDArray all = NDArrays.concat(new NDList(images), 0); // (B, P, W)
    all.attach(owner);
    return all;
  }

  /**
   * Captions all images of a batch.
   *
   * @param features (B, P, W)
   * @return their tickets, all done
   */
  static List<Ticket> captions(
      NDManager parent,
      CaptionDecoder decoder,
      NDArray features,
      GenerationConfig config,
      EndCondition end) {
    int images = (int) features.getShape().get(0);
    List<Ticket> tickets = new ArrayList<>(images);
    try (NDManager slices = parent.newSubManager();
        DecoderBatch<NDArray> batch =
            ofFeatures(parent, decoder, images, config.numBeams(), AttentionTap.NONE)) {
      for (long i = 0; i < images; i++) {
        NDArray one = features.get("{}:{}", i, i + 1);
        one.attach(slices);
        CaptionSearch search =
            CaptionSearch.of(config, new int[0], decoder.config().vocabulary(), end);
        tickets.add(batch.submit(one, search, TokenListener.NONE));
      }
      batch.finish();
    }
    return tickets;
  }

  /** Captions of all images of a batch by greedy search, at most so many tokens each. */
  public static List<Hypothesis> greedy(
      NDManager parent, CaptionDecoder decoder, NDArray features, int maxNewTokens) {
    GenerationConfig config =
        GenerationConfig.greedy()
            .withMaxNewTokens(Math.min(maxNewTokens, decoder.config().positions()));
    EndCondition end =
        new EndCondition(new int[] {decoder.config().endToken()}, List.of(), _ -> "");
    return captions(parent, decoder, features, config, end).stream()
        .map(Ticket::hypothesis)
        .toList();
  }

  @Override
  public int capacity(GenerationConfig config) {
    boolean fits =
        config.numBeams() <= width && config.maxNewTokens() <= decoder.config().positions();
    return fits ? prompts : 0;
  }

  @Override
  protected void check(P prompt, CaptionSearch search) {
    if (search.width() > width) {
      throw new IllegalArgumentException(
          "this batch was opened for at most %d beams, not %d; open it with more"
              .formatted(width, search.width()));
    }
    if (search.maxNewTokens() > decoder.config().positions()) {
      throw new IllegalArgumentException(
          "max_new_tokens is at most the decoder's positions, %d, not %d"
              .formatted(decoder.config().positions(), search.maxNewTokens()));
    }
  }

  @Override
  protected Optional<Place> admit(P prompt, CaptionSearch search) {
    if (taken == prompts || !joinable) {
      return Optional.empty();
    }
    taken++;
    return Optional.of(new Place());
  }

  @Override
  protected void decode(List<Member<P, Place>> members) {
    forgetLogits();
    List<Member<P, Place>> staying =
        members.stream().filter(member -> member.next().isPresent()).toList();
    List<Member<P, Place>> joining =
        members.stream().filter(member -> member.next().isEmpty()).toList();
    KeyValueCache memory = join(keep(staying), joining);
    List<Member<P, Place>> ordered = new ArrayList<>(staying);
    ordered.addAll(joining);
    joinable = mayJoin();
    order = ordered.stream().map(Member::state).toList();

    long began = System.nanoTime();
    NDManager results = manager.newSubManager();
    reading = results;
    // Logits of a GPU leave a copy in the host's memory, which belongs to their manager.
    NDArray logits = decoder.step(results, memory, ids(staying, joining.size()), tap);
    FloatBuffer values = logits.toByteBuffer(false).asFloatBuffer(); // (B·N, V)
    double millis = (System.nanoTime() - began) / 1e6 / ordered.size();
    int vocabulary = decoder.config().vocabulary();
    for (int i = 0; i < ordered.size(); i++) {
      ordered.get(i).addDecode(millis);
      ordered.get(i).decoded(new Rows(decoder.name(), values, i * width, vocabulary));
    }
  }

  /** The logits of an image's hypotheses, from the first row on. */
  private record Rows(String model, FloatBuffer values, int first, int vocabulary)
      implements LogitRows {
    @Override
    public void read(int hypothesis, float[] destination) {
      values.get((first + hypothesis) * vocabulary, destination, 0, vocabulary);
    }
  }

  /** The cache of those that stay, each hypothesis continuing its parent; null if none stays. */
  private @Nullable KeyValueCache keep(List<Member<P, Place>> staying) {
    KeyValueCache memory = cache;
    if (memory == null || staying.isEmpty()) {
      forgetCache();
      return null;
    }
    long[] images = new long[staying.size()];
    long[] rows = new long[staying.size() * width];
    for (int i = 0; i < images.length; i++) {
      images[i] = order.indexOf(staying.get(i).state());
      int[] parents = staying.get(i).next().map(Continuation::parents).orElseThrow();
      for (int n = 0; n < width; n++) {
        rows[i * width + n] = images[i] * width + parents[Math.min(n, parents.length - 1)];
      }
    }
    if (!isIdentity(rows, order.size() * width)) {
      memory.select(rows);
    }
    if (images.length < order.size()) {
      memory.keepImages(images);
    }
    return memory;
  }

  private static boolean isIdentity(long[] rows, int count) {
    return rows.length == count && IntStream.range(0, count).allMatch(i -> rows[i] == i);
  }

  /** Reads the visual rows of those that join, and puts them behind the others. */
  private KeyValueCache join(@Nullable KeyValueCache memory, List<Member<P, Place>> joining) {
    KeyValueCache all = memory;
    if (!joining.isEmpty()) {
      KeyValueCache fresh = read(joining);
      if (all == null) {
        all = fresh;
      } else {
        long began = System.nanoTime();
        all.join(fresh);
        addPrefix(joining, began);
      }
    }
    if (all == null) {
      throw new IllegalStateException("nothing to decode");
    }
    cache = all;
    return all;
  }

  /** Encodes images and reads their visual rows. */
  private KeyValueCache read(List<Member<P, Place>> joining) {
    try (NDManager encoding = manager.newSubManager()) {
      long began = System.nanoTime();
      NDArray rows = features.of(encoding, joining.stream().map(Member::prompt).toList());
      double millis = (System.nanoTime() - began) / 1e6 / joining.size();
      joining.forEach(member -> member.addEncode(millis));
      long encoded = System.nanoTime();
      KeyValueCache fresh = decoder.prefix(manager, rows);
      addPrefix(joining, encoded);
      return fresh;
    }
  }

  private static <P> void addPrefix(List<Member<P, Place>> joining, long began) {
    double millis = (System.nanoTime() - began) / 1e6 / joining.size();
    joining.forEach(member -> member.addPrefix(millis));
  }

  /** What each hypothesis reads: its token, or the begin token where an image joins. */
  private long[] ids(List<Member<P, Place>> staying, int joining) {
    long[] ids = new long[(staying.size() + joining) * width];
    Arrays.fill(ids, decoder.config().endToken());
    for (int i = 0; i < staying.size(); i++) {
      int[] tokens = staying.get(i).next().map(Continuation::tokens).orElseThrow();
      for (int n = 0; n < width; n++) {
        ids[i * width + n] = tokens[Math.min(n, tokens.length - 1)];
      }
    }
    return ids;
  }

  @Override
  protected void release(Place place) {
    taken--;
    joinable |= mayJoin();
    if (taken == 0) {
      forgetLogits();
      forgetCache();
    }
  }

  private boolean mayJoin() {
    return taken == 0 || prompts - taken >= JOINING_SHARE * prompts;
  }

  private void forgetLogits() {
    if (reading != null) {
      reading.close();
      reading = null;
    }
  }

  private void forgetCache() {
    order = List.of();
    if (cache != null) {
      cache.close();
      cache = null;
    }
  }

  @Override
  protected void free() {
    forgetLogits();
    forgetCache();
    manager.close();
  }
}
