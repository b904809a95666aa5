package dev.vignette.llava;

import dev.vignette.captions.run.BatchWorker;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionTask;
import dev.vignette.captions.run.CaptionWorker;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.Hypothesis;
import dev.vignette.decoding.Ticket;
import dev.vignette.decoding.Ticket.TokenListener;
import dev.vignette.images.RgbImage;
import dev.vignette.llava.StageMillis.StageTotals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A LLaVA that answers one or several settings an image, which it encodes and reads once, as a run
 * over many images uses it: each worker decodes many images at once.
 */
public final class LlavaWorkers implements CaptionWorkers<RgbImage> {

  /** Images a worker has in hand on a CPU: more gain nothing (bench/batch-throughput.sh). */
  public static final int DEFAULT_BATCH = 8;

  /** A second worker encodes while the first decodes; a third finds nothing to do. */
  private static final int MOST_WORKERS = 2;

  private final LlavaModel model;
  private final int batchSize;
  private final int workers;
  private final int prompts;
  private @Nullable LlavaFingerprint fingerprint;
  private final SequencedMap<String, CaptionSetting> settings = new LinkedHashMap<>();
  private final SequencedMap<String, StageTotals> totals = new LinkedHashMap<>();
  private StageTotals images = StageTotals.NONE;

  /**
   * The model stays the caller's, to close.
   *
   * @param settings with names that are unique
   * @param batchSize images in hand at once, 1 or more; fewer where llama.cpp's sequences do not
   *     suffice for all settings and beams
   * @param workers contexts that decode at once, 1 or more; 0 for as many as the processors suffice
   *     for, two at most
   */
  public LlavaWorkers(LlavaModel model, List<CaptionSetting> settings, int batchSize, int workers) {
    this.model = model;
    this.workers = workers;
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
    this.batchSize = Math.clamp(batchSize, 1, Math.max(1, most / settings.size()));
    this.prompts = Math.min(most, this.batchSize * settings.size());
  }

  /** A LLaVA with one instruction and one configuration. */
  public static LlavaWorkers of(
      LlavaModel model, String instruction, GenerationConfig config, int batchSize, int workers) {
    return new LlavaWorkers(
        model, List.of(new CaptionSetting(ONLY_SETTING, instruction, config)), batchSize, workers);
  }

  @Override
  public RgbImage prepare(RgbImage image) {
    return model.prepare(image);
  }

  @Override
  public List<String> settings() {
    return List.copyOf(settings.sequencedKeySet());
  }

  @Override
  public ModelFingerprint fingerprint(String name) {
    CaptionSetting setting = setting(name);
    if (fingerprint == null) { // reads both files; printed captions need none
      fingerprint = LlavaFingerprint.of(model.options());
    }
    return fingerprint.with(setting.instruction(), setting.config());
  }

  @Override
  public int count() {
    if (workers > 0) {
      return workers;
    }
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.clamp(processors / model.options().threads(), 1, MOST_WORKERS);
  }

  @Override
  public CaptionWorker<RgbImage> open(int number) {
    return new BatchWorker<>(
        batchSize, new Decoding(model.batch(prompts, List.copyOf(settings.values()))));
  }

  /** The prompts of images, a setting each. */
  private final class Decoding implements BatchWorker.Model<RgbImage> {
    private final LlavaBatch batch;

    Decoding(LlavaBatch batch) {
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
      Caption caption = new Caption(model.text(found.get(i), config), found.get(i), shown);
      details.add(
          caption.holdsStop(config, model) ? caption.details().endedByStop() : caption.details());
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

  /** Milliseconds in each stage, over all images and captions so far. */
  public synchronized StageMillis millis() {
    StageMillis sum = images.millis();
    for (StageTotals ofSetting : totals.values()) {
      sum = sum.plus(ofSetting.millis());
    }
    return sum;
  }
}
