package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Captions an image by a hash of its pixels and the settings: the same always, another for others.
 */
public final class HashCaptioner implements CaptionWorkers<Integer> {
  /** What was captioned, in order; a call that failed counts too. */
  public final List<List<Integer>> calls = new ArrayList<>();

  /** What {@link #changed} says; nothing while it is empty. */
  String changed = "";

  private final int batchSize;
  private final String settings;
  private Consumer<List<Integer>> before = _ -> {};
  private int silentAt = -1;
  private boolean silentByStop;
  private int answered;

  public HashCaptioner(int batchSize, String settings) {
    this.batchSize = batchSize;
    this.settings = settings;
  }

  public HashCaptioner() {
    this(1, "greedy");
  }

  /** Has {@code action} called before each call to {@link #caption} is answered. */
  public HashCaptioner before(Consumer<List<Integer>> action) {
    before = action;
    return this;
  }

  /** Has nothing said about the {@code number}th image, explained by a stop string or not. */
  void saysNothingAt(int number, boolean stopped) {
    silentAt = number;
    silentByStop = stopped;
  }

  /** How many images were captioned or tried. */
  public int images() {
    return calls.stream().mapToInt(List::size).sum();
  }

  /** The caption of {@code file} by a captioner with {@code settings}. */
  public static String captionOf(Path file, String settings) {
    return captionOf(hash(RgbImage.read(file)), settings);
  }

  private static String captionOf(int hash, String settings) {
    return "a \"%08x\"\tin ✓ %s".formatted(hash, settings);
  }

  private static int hash(RgbImage image) {
    return Arrays.hashCode(image.rgb());
  }

  @Override
  public Optional<String> changed() {
    return Optional.of(changed).filter(text -> !text.isEmpty());
  }

  @Override
  public Integer prepare(RgbImage image) {
    return hash(image);
  }

  @Override
  public CaptionWorker<Integer> open(int number) {
    return new GroupWorker<>(
        batchSize, tasks -> caption(tasks.stream().map(CaptionTask::prepared).toList()));
  }

  private List<List<CaptionDetails>> caption(List<Integer> images) {
    calls.add(List.copyOf(images));
    before.accept(images);
    return images.stream().map(hash -> List.of(details(hash))).toList();
  }

  private CaptionDetails details(int hash) {
    boolean silent = answered++ == silentAt;
    return new CaptionDetails(
        silent ? " " : captionOf(hash, settings),
        List.of(new ScoredToken(7, -0.5f), new ScoredToken(hash & 0xFF, -0.25f)),
        -0.75,
        1.5,
        2,
        3,
        silent && silentByStop);
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return ModelFingerprint.of(Map.of("model", "hash", "settings", settings));
  }
}
