package dev.vignette.llava;

import dev.vignette.captions.run.BatchWorker;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.Caption.StageMillis;
import dev.vignette.llava.Caption.StageMillis.StageTotals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A LLaVA that answers one or several settings an image, which it encodes and reads once, as a run
 * over many images uses it: workers on one or several devices each decode many images at once.
 */
public final class LlavaWorkers implements CaptionWorkers<RgbImage> {

  /** Decodes after which a batch has used all the memory that it ever will. */
  private static final int WARM_UP_STEPS = 3;

  private final LlavaModels models;
  private final BatchPlan plan;
  private final int prompts;
  private @Nullable ModelFingerprint fingerprint;
  private final SequencedMap<String, CaptionSetting> settings = new LinkedHashMap<>();
  private final SequencedMap<String, StageTotals> totals = new LinkedHashMap<>();
  private StageTotals images = StageTotals.NONE;
  private volatile long nativeNanosWhenOpen;

  /**
   * The models stay the caller's, to close.
   *
   * @param settings with names that are unique
   * @param plan workers a device and images in hand; fewer images where llama.cpp's sequences do
   *     not suffice for all settings and beams
   */
  public LlavaWorkers(LlavaModels models, List<CaptionSetting> settings, BatchPlan plan) {
    this.models = models;
    int beams = 1;
    for (CaptionSetting setting : settings) {
      if (this.settings.put(setting.name(), setting) != null) {
        throw new IllegalArgumentException(
            "settings have names of their own, but two are called '%s'; rename one"
                .formatted(setting.name()));
      }
      totals.put(setting.name(), StageTotals.NONE);
      beams = Math.max(beams, setting.config().numBeams());
    }
    int most = Math.max(1, LlavaBatch.MAX_HYPOTHESES / beams);
    int size = Math.clamp(plan.size(), 1, Math.max(1, most / settings.size()));
    this.plan = new BatchPlan(plan.workers(), size);
    this.prompts = Math.min(most, size * settings.size());
  }

  /** A LLaVA with one instruction and one configuration. */
  public static LlavaWorkers of(
      LlavaModels models, String instruction, GenerationConfig config, BatchPlan plan) {
    return new LlavaWorkers(models, List.of(only(instruction, config)), plan);
  }

  /** The setting where there is only one. */
  public static CaptionSetting only(String instruction, GenerationConfig config) {
    return new CaptionSetting(ONLY_SETTING, instruction, config);
  }

  @Override
  public RgbImage prepare(RgbImage image) {
    return models.first().prepare(image);
  }

  @Override
  public List<String> settings() {
    return List.copyOf(settings.sequencedKeySet());
  }

  @Override
  public ModelFingerprint fingerprint(String name) {
    CaptionSetting setting = setting(name);
    if (fingerprint == null) { // reads both files; printed captions need none
      fingerprint = models.first().fingerprint();
    }
    return setting.addTo(fingerprint);
  }

  @Override
  public Optional<String> changed() {
    return models.first().stamp().changed();
  }

  @Override
  public int count() {
    return plan.workers() * models.all().size();
  }

  @Override
  public int capacity() {
    return plan.size();
  }

  /** Workers take devices in turn, so that fewer than there are spread over all devices. */
  @Override
  public CaptionWorker<RgbImage> open(int number) {
    LlavaModel model = models.all().get(number % models.all().size());
    CaptionWorker<RgbImage> worker =
        new BatchWorker<>(plan.size(), new Decoding(model, open(model)));
    nativeNanosWhenOpen = LlamaRuntime.nativeNanos();
    return worker;
  }

  private LlavaBatch open(LlavaModel model) {
    return model.batch(prompts, List.copyOf(settings.values()));
  }

  /**
   * Opens all workers and fills them with the largest prompts there can be. Where a card has no
   * room for them, this throws or ends the process: it is for one that holds nothing else.
   *
   * @throws LlavaPrompt.PromptTooLongException if a setting is longer than the model was trained on
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public void warmUp() {
    Phaser full = new Phaser(count());
    CompletableFuture<?>[] all =
        IntStream.range(0, count())
            .mapToObj(number ->
                CompletableFuture.runAsync(
                    () -> warmUp(models.all().get(number % models.all().size()), full),
                    work -> Thread.ofPlatform().start(work)))
            .toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(all).join();
    } catch (CompletionException failure) {
      switch (failure.getCause()) {
        case RuntimeException own -> throw own;
        case Error own -> throw own;
        case null, default -> throw failure;
      }
    }
  }

  /** The longest instruction, and a search with the most beams and tokens, of all settings. */
  CaptionSetting largest(LlavaModel model) {
    int beams = 1;
    int newTokens = 1;
    int longest = -1;
    String instruction = "";
    for (CaptionSetting setting : settings.values()) {
      beams = Math.max(beams, setting.config().numBeams());
      newTokens = Math.max(newTokens, setting.config().maxNewTokens());
      int length = model.instructionLength(setting.instruction());
      if (length > longest) {
        longest = length;
        instruction = setting.instruction();
      }
    }
    int untilWarm = Math.min(newTokens, WARM_UP_STEPS);
    return only(
        instruction,
        GenerationConfig.builder()
            .numBeams(beams)
            .maxNewTokens(newTokens)
            .minNewTokens(untilWarm)
            .build());
  }

  private void warmUp(LlavaModel model, Phaser full) {
    try (LlavaBatch batch = open(model)) {
      CaptionSetting largest = largest(model);
      int side = batch.projector().imageSize();
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < prompts; i++) {
        RgbImage blank = new RgbImage(side, side, new byte[3 * side * side]);
        LlavaPrompt prompt = model.prompt(blank, largest.instruction());
        tickets.add(
            batch.submit(prompt, model.search(prompt, largest.config()), TokenListener.NONE));
      }
      for (int step = 0; step < WARM_UP_STEPS; step++) {
        batch.step();
      }
      for (Ticket ticket : tickets) {
        RuntimeException failure = ticket.failure();
        if (failure != null) {
          throw failure;
        }
      }
      full.arriveAndAwaitAdvance(); // Until all hold what they take.
    } catch (Throwable e) {
      full.arriveAndDeregister();
      throw e;
    }
  }

  /** The prompts of images, a setting each. */
  private final class Decoding implements BatchWorker.Model<RgbImage> {
    private final LlavaModel model;
    private final LlavaBatch batch;

    Decoding(LlavaModel model, LlavaBatch batch) {
      this.model = model;
      this.batch = batch;
    }

    @Override
    public List<Ticket> submit(CaptionTask<RgbImage> task) {
      List<Ticket> tickets = new ArrayList<>(task.settings().size());
      try {
        for (String name : task.settings()) {
          CaptionSetting setting = setting(name);
          LlavaPrompt prompt = model.prompt(task.prepared(), setting.instruction());
          tickets.add(
              batch.submit(prompt, model.search(prompt, setting.config()), TokenListener.NONE));
        }
      } catch (RuntimeException e) {
        tickets.forEach(batch::cancel);
        throw e;
      }
      return tickets;
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
    public List<CaptionDetails> captions(CaptionTask<RgbImage> task, List<Ticket> tickets) {
      return details(task.settings(), tickets);
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  /** The image's encoding and reading are on the ticket of the prompt that came first. */
  private synchronized List<CaptionDetails> details(List<String> names, List<Ticket> tickets) {
    List<Hypothesis> found = tickets.stream().map(Ticket::hypothesis).toList();
    double encode = tickets.stream().mapToDouble(Ticket::encodeMillis).sum();
    double read = tickets.stream().mapToDouble(Ticket::prefixMillis).sum();
    images = images.plus(new StageTotals(1, new StageMillis(encode, read, 0)));
    List<CaptionDetails> details = new ArrayList<>(tickets.size());
    for (int i = 0; i < tickets.size(); i++) {
      Ticket ticket = tickets.get(i);
      GenerationConfig config = setting(names.get(i)).config();
      StageMillis own = new StageMillis(0, ticket.prefillMillis(), ticket.decodeMillis());
      totals.merge(names.get(i), new StageTotals(1, own), StageTotals::plus);
      StageMillis shown = own.plus(new StageMillis(encode, settings.size() == 1 ? read : 0, 0));
      Caption caption = new Caption(models.first().text(found.get(i), config), found.get(i), shown);
      details.add(
          caption.holdsStop(config, models.first())
              ? caption.details().endedByStop()
              : caption.details());
    }
    return details;
  }

  private CaptionSetting setting(String name) {
    return Objects.requireNonNull(
        settings.get(name), () -> "there is no setting '%s'".formatted(name));
  }

  /** Encoding and reading, over all images so far. */
  public synchronized StageTotals imageTotals() {
    return images;
  }

  /** Reading the instruction and generating, over all captions so far, by setting. */
  public synchronized SequencedMap<String, StageTotals> totals() {
    return new LinkedHashMap<>(totals);
  }

  /** Nanoseconds that this process has been inside llama.cpp since the last worker was opened. */
  public long nativeNanos() {
    return LlamaRuntime.nativeNanos() - nativeNanosWhenOpen;
  }

  /** Milliseconds in each stage, over all images and captions so far. */
  public synchronized StageMillis millis() {
    StageMillis sum = images.millis();
    for (StageTotals ofSetting : totals.values()) {
      sum = sum.plus(ofSetting.millis());
    }
    return sum;
  }

  /**
   * How many images are decoded at once.
   *
   * @param workers contexts on each device that decode beside each other, 1 or more
   * @param size images that each of them has in hand, 1 or more
   */
  public record BatchPlan(int workers, int size) {

    public BatchPlan {
      if (workers < 1 || size < 1) {
        throw new IllegalArgumentException(
            "a plan has 1 worker and 1 image or more, not %d and %d".formatted(workers, size));
      }
    }

    /** Reads what {@link #toString} writes. */
    public static BatchPlan parse(String text) {
      String[] parts = text.split("x", 2);
      return new BatchPlan(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    /** About half of it: smaller batches first, then fewer workers; empty if it is the least. */
    public Optional<BatchPlan> halved() {
      if (size == 1 && workers == 1) {
        return Optional.empty();
      }
      return Optional.of(size > 1 ? new BatchPlan(workers, size / 2) : new BatchPlan(1, 1));
    }

    /** Such as {@code 3x48}. */
    @Override
    public String toString() {
      return workers + "x" + size;
    }
  }
}
