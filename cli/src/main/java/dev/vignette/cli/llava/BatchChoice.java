package dev.vignette.cli.llava;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaException;
import dev.vignette.llava.BatchSizing;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Chooses how many images a run decodes at once: as the user says, else what the fullest device has
 * room for. On a card that is tried beforehand, because ggml ends the process when a card is full.
 */
public final class BatchChoice {

  /** For fewer images a trial takes longer than larger batches save. */
  private static final int WORTH_A_TRIAL = 64;

  /** Images of a worker that are never tried, and for which half of the memory suffices. */
  private static final int UNTRIED = 16;

  private final BatchSizing sizing;
  private final List<Room> rooms;
  private final OptionalInt size;
  private final OptionalInt workers;

  BatchChoice(BatchSizing sizing, List<Room> rooms, OptionalInt size, OptionalInt workers) {
    this.sizing = sizing;
    this.rooms = rooms;
    this.size = size;
    this.workers = workers;
  }

  /**
   * The plan for a run, as its command line asks.
   *
   * @param apart whether each worker is a process with its own weights: one a card then, unless the
   *     user says
   * @param read files of the command line that a trial reads again
   */
  static BatchPlan plan(
      ModelArguments model,
      boolean apart,
      LlavaOptions options,
      List<CaptionSetting> settings,
      int images,
      List<Path> read,
      PrintWriter err) {
    BatchSizing sizing = BatchSizing.of(options, settings, apart);
    List<Room> rooms = model.devices().stream().map(Room::of).toList();
    boolean oneEach = apart && rooms.stream().anyMatch(Room::card);
    OptionalInt workers = model.workers();
    if (oneEach && workers.isEmpty()) {
      workers = OptionalInt.of(1);
    }
    return new BatchChoice(sizing, rooms, model.batchSize(), workers)
        .plan(images, () -> ProcessTrial.of(options, model.device(), settings, read), err);
  }

  /**
   * The plan for a run over so many images that nothing is tried for: they are shared out, and on a
   * card a worker has few of them, for which half of its free memory suffices.
   */
  public static BatchPlan untried(
      LlavaOptions options, DeviceRequest device, List<CaptionSetting> settings, int images) {
    OptionalInt automatic = OptionalInt.empty();
    BatchSizing sizing = BatchSizing.of(options, settings);
    return new BatchChoice(sizing, List.of(Room.of(device)), automatic, automatic).untried(images);
  }

  /** As {@link #plan} chooses for so few images that a trial is not worth its time. */
  BatchPlan untried(int images) {
    Room room = fullest();
    BatchPlan plan = sharedOut(sizing.plan(room, size, workers), images);
    return room.card() ? withoutTrial(plan, room) : plan;
  }

  private Room fullest() {
    return rooms.stream().min(Comparator.comparingLong(Room::freeBytes)).orElseThrow();
  }

  /**
   * The plan for a run over so many images.
   *
   * @param trial made if a plan has to be tried
   * @param err hears what did not fit
   * @throws LlamaException if a trial shows that a card has no room for one image at a time; where
   *     none is made, that shows when the model is opened
   */
  BatchPlan plan(int images, Supplier<BatchTrial> trial, PrintWriter err) {
    Room room = fullest();
    BatchPlan estimated = sizing.plan(room, size, workers);
    if (size.isPresent()) {
      return estimated;
    }
    BatchPlan plan = sharedOut(estimated, images);
    if (!room.card()) {
      return plan;
    }
    // A trial is one process, whose workers share the weights.
    return images < WORTH_A_TRIAL || sizing.isApart(plan)
        ? withoutTrial(plan, room)
        : tried(plan, trial.get(), room, err);
  }

  private BatchPlan sharedOut(BatchPlan estimated, int images) {
    int each = Math.ceilDiv(Math.max(1, images), estimated.workers() * rooms.size());
    return new BatchPlan(estimated.workers(), Math.clamp(each, 1, estimated.size()));
  }

  private BatchPlan withoutTrial(BatchPlan plan, Room room) {
    Room half = new Room(room.card(), room.name(), room.freeBytes() / 2);
    BatchPlan small = new BatchPlan(plan.workers(), Math.min(plan.size(), UNTRIED));
    while (!sizing.fits(half, small) && small.halved().isPresent()) {
      small = small.halved().orElseThrow();
    }
    return small;
  }

  private BatchPlan tried(BatchPlan plan, BatchTrial trial, Room room, PrintWriter err) {
    BatchPlan next = plan;
    while (!trial.succeeds(next, room)) {
      BatchPlan failed = next;
      next =
          failed
              .halved()
              .orElseThrow(() ->
                  new LlamaException(
                      "This LLaVA needs about %s, but %s has %s free (%s). Free some, use a smaller quantization, or --device cpu."
                          .formatted(
                              sizing.leastNeed(room),
                              room.name(),
                              gigabytes(room),
                              trial.lastWords())));
      err.printf(
          "%s has no room for %s of %s each; going on with %s of %d.%n",
          room.name(),
          counted(failed.workers(), "worker"),
          counted(failed.size(), "image"),
          counted(next.workers(), "worker"),
          next.size());
      err.flush();
    }
    return next;
  }

  private static String counted(int count, String what) {
    return "%d %s%s".formatted(count, what, count == 1 ? "" : "s");
  }

  private static String gigabytes(Room room) {
    return String.format(Locale.ROOT, "%.1f GB", room.freeBytes() / 1e9);
  }

  /** Tries whether devices have room for a plan. */
  interface BatchTrial {

    /**
     * Whether they have; what fails for another reason fails again, and is said, in the run itself.
     */
    boolean succeeds(BatchPlan plan, Room room);

    /** What the last trial that failed had to say. */
    String lastWords();
  }
}
