package dev.vignette.llava;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.HostMemory;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How many images fit beside each other, by what the files' headers say and the memory that is
 * free. What a worker takes is estimated a little high; a card is only sure of it when it has been
 * tried ({@link LlavaWorkers#warmUp}).
 */
public final class BatchSizing {

  /** Images of a worker on a processor: more gain nothing (docs/benchmarks.md). */
  static final int PROCESSOR_BATCH = 8;

  /**
   * The same of a model so small that what a step costs beside its products weighs: one of which a
   * worker with so many images takes no more than {@link #SMALL_WORKER_BYTES}.
   */
  static final int SMALL_MODEL_BATCH = 32;

  private static final long SMALL_WORKER_BYTES = 256 << 20;

  /** Images of a worker on a card, and hypotheses of those with beams (docs/benchmarks.md). */
  static final int CARD_BATCH = 48;

  static final int CARD_HYPOTHESES = 40;

  /**
   * A second worker encodes while the first decodes; a third finds nothing to do on a processor.
   */
  private static final int PROCESSOR_WORKERS = 2;

  private static final int CARD_WORKERS = 3;

  /** Below this a second worker on a card takes more memory than it is worth. */
  private static final int LEAST_BESIDE = 8;

  /** Of free memory, what is left to others and to what is not estimated. */
  private static final double SPARE = 0.06;

  /** llama.cpp's cells come in groups of so many. */
  private static final int CELL_GROUP = 256;

  /** Floats of a row while a block computes, in widths: norms, queries, feed-forward. */
  private static final int WIDTHS_OF_A_ROW = 16;

  private final LlavaOptions options;
  private final boolean apart;
  private final LanguageModelInfo model;
  private final ProjectorInfo tower;
  private final PromptTemplate template;
  private final int settings;
  private final int beams;
  private final int newTokens;
  private final int instructionTokens;

  BatchSizing(
      LlavaOptions options, ModelFiles files, List<CaptionSetting> settings, boolean apart) {
    this.options = options;
    this.apart = apart;
    this.model = files.languageModel();
    this.tower = files.projector();
    this.template = LlavaConventions.of(options, files).template();
    this.settings = settings.size();
    this.beams = settings.stream().mapToInt(one -> one.config().numBeams()).max().orElse(1);
    this.newTokens = settings.stream().mapToInt(one -> one.config().maxNewTokens()).max().orElse(1);
    this.instructionTokens =
        settings.stream()
            .mapToInt(one -> tokens(template.afterImage(one.instruction())))
            .max()
            .orElse(0);
  }

  /**
   * Reads the headers of the files.
   *
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be
   */
  public static BatchSizing of(LlavaOptions options, List<CaptionSetting> settings) {
    return of(options, settings, false);
  }

  /**
   * Reads the headers of the files.
   *
   * @param apart whether each worker is a process of its own: on a card each has the weights then,
   *     on a processor they share them all the same
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be
   */
  public static BatchSizing of(LlavaOptions options, List<CaptionSetting> settings, boolean apart) {
    return new BatchSizing(
        options, ModelFiles.check(options.model(), options.projector()), settings, apart);
  }

  /** Whether a plan's workers on a device are processes of their own, and not one. */
  public boolean isApart(BatchPlan plan) {
    return apart && plan.workers() > 1;
  }

  /** Whether a device is a card, and the bytes that are free on it now. */
  public record Room(boolean card, String name, long freeBytes) {

    /**
     * Of a device that is there; a processor's is the machine's, without bound if it is not told.
     */
    public static Room of(DeviceRequest device) {
      return LlamaRuntime.load(device)
          .gpu(device)
          .map(card ->
              new Room(
                  true, "%s (%s)".formatted(card.name(), card.description()), card.freeBytes()))
          .orElseGet(() ->
              new Room(
                  false,
                  "this machine",
                  HostMemory.ofThisMachine().availableBytes().orElse(Long.MAX_VALUE)));
    }
  }

  /**
   * The plan that fits.
   *
   * @param size images of a worker, if the user says
   * @param workers of a device, if the user says
   */
  public BatchPlan plan(Room room, OptionalInt size, OptionalInt workers) {
    int most = Math.max(1, LlavaBatch.MAX_HYPOTHESES / beams / settings);
    int best = Math.min(most, size.orElse(bestSize(room)));
    if (workers.isPresent()) {
      int count = workers.getAsInt();
      return new BatchPlan(count, size.isPresent() ? best : fitting(room, count, best));
    }
    for (int count = mostWorkers(room); count > 1; count--) {
      int fits = fitting(room, count, best);
      if (fits == best || (count == 2 && room.card() && fits >= LEAST_BESIDE)) {
        return new BatchPlan(count, fits);
      }
    }
    return new BatchPlan(1, size.isPresent() ? best : fitting(room, 1, best));
  }

  private int bestSize(Room room) {
    if (!room.card()) {
      boolean small = workerBytes(SMALL_MODEL_BATCH, 1) <= SMALL_WORKER_BYTES;
      return small ? SMALL_MODEL_BATCH : PROCESSOR_BATCH;
    }
    int prompts = beams == 1 ? CARD_BATCH : CARD_HYPOTHESES / beams;
    return Math.max(1, prompts / settings);
  }

  private int mostWorkers(Room room) {
    int processors = Runtime.getRuntime().availableProcessors();
    return room.card()
        ? Math.clamp(processors / 2, 1, CARD_WORKERS)
        : Math.clamp(processors / options.threads(), 1, PROCESSOR_WORKERS);
  }

  /** The most images up to {@code most}, at least 1. */
  private int fitting(Room room, int workers, int most) {
    int size = most;
    while (size > 1 && neededBytes(room, new BatchPlan(workers, size)) > usable(room)) {
      size--;
    }
    return size;
  }

  private static long usable(Room room) {
    return (long) (room.freeBytes() * (1 - SPARE));
  }

  /** Whether an estimate says that a device has room for a plan. */
  public boolean fits(Room room, BatchPlan plan) {
    return neededBytes(room, plan) <= usable(room);
  }

  /** Bytes that the weights and the workers take on a device, about. */
  long neededBytes(Room room, BatchPlan plan) {
    double share = shareOfLayers(room);
    int copies = apart && room.card() ? plan.workers() : 1;
    return copies * (long) (share * model.fileBytes())
        + plan.workers() * workerBytes(plan.size(), share);
  }

  /**
   * Of the layers, those that are on a device; with few of them on a card the rest is elsewhere.
   */
  private double shareOfLayers(Room room) {
    int layers = options.load().gpuLayers();
    return room.card() && layers >= 0 ? Math.min(1, layers / (model.blockCount() + 1.0)) : 1;
  }

  /** Such as {@code 13.9 GB for one image at a time}. */
  public String leastNeed(Room room) {
    return String.format(
        Locale.ROOT,
        "%.1f GB for one image at a time",
        neededBytes(room, new BatchPlan(1, 1)) / 1e9);
  }

  /** A worker's tower and context, beside the weights. */
  private long workerBytes(int size, double share) {
    int prompts = size * settings;
    int opening = tokens(template.beforeImage());
    long own = tower.imageTokens() + instructionTokens + (long) newTokens * beams;
    boolean streams = options.layout().memoryFor(beams) == SequenceMemory.STREAMS;
    long cells = streams ? prompts * grouped(opening + own) : grouped(opening + prompts * own);
    int together = Math.min(prompts, options.layout().prefillImages());
    long rows = Math.min(options.layout().microBatchRows(), (long) together * tower.imageTokens());
    long keysAndValues = (long) (share * cells * model.keyValueLength() * Short.BYTES);
    long computing =
        rows
            * Float.BYTES
            * (model.vocabularySize() + (long) WIDTHS_OF_A_ROW * model.embeddingLength());
    long logits = (long) prompts * beams * model.vocabularySize() * Float.BYTES;
    long seeing =
        (long) together
            * tower.imageTokens()
            * tower.towerWidth()
            * Float.BYTES
            * 2
            * WIDTHS_OF_A_ROW;
    return tower.fileBytes() + keysAndValues + computing + logits + seeing;
  }

  /** About; a token of English text has four bytes or five. */
  private static int tokens(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length / 3;
  }

  private static long grouped(long cells) {
    return (cells + CELL_GROUP - 1) / CELL_GROUP * CELL_GROUP;
  }
}
