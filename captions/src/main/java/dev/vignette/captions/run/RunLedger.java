package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.FileStamp;
import dev.vignette.captions.run.JournalLine.JournalEntry;
import dev.vignette.captions.run.Prefetcher.Prefetched;
import dev.vignette.captions.run.RunOutput.PredictionsFile;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.captions.run.SettingLedger.PriorCaption;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one place that knows what of a run is done, by which settings, and keeps it. {@link
 * #isSuspect}, {@link #isSettled} and {@link #lacking} look at what was done before the run and may
 * be called on any thread; all others are called by one thread at a time, and {@link
 * UncheckedIOException} says that something cannot be written.
 */
final class RunLedger implements AutoCloseable {
  /** How many processes an image may end before it is not tried again. */
  static final int MOST_DEATHS = 2;

  private final RunOutput output;
  private final List<String> settings;
  private final SequencedMap<String, SettingLedger> ledgers = new LinkedHashMap<>();
  private final List<ProcessLock> locks = new ArrayList<>();

  private RunLedger(RunOutput output, List<String> settings) {
    this.output = output;
    this.settings = settings;
  }

  /**
   * Opens the output and finds out what it has.
   *
   * @param settings their names, in order
   * @throws UsageException if it cannot take the captions of {@code inputs}
   * @throws UncheckedIOException if it cannot be read and written
   */
  static RunLedger open(
      RunOutput output,
      ImageInputs inputs,
      List<String> settings,
      Function<String, ModelFingerprint> fingerprints) {
    RunLedger ledger = new RunLedger(output, settings);
    if (output instanceof RunOutput.Saved saved) {
      try {
        ledger.lock(saved, inputs.images());
        saved.require(inputs);
        if (!List.copyOf(saved.bySetting().sequencedKeySet()).equals(settings)) {
          throw new IllegalArgumentException(
              "Each setting has an output, but the settings are %s and the outputs %s"
                  .formatted(settings, saved.bySetting().keySet()));
        }
        saved
            .bySetting()
            .forEach((setting, file) ->
                ledger.ledgers.put(
                    setting,
                    SettingLedger.open(file, saved, inputs.images(), fingerprints.apply(setting))));
      } catch (RuntimeException failure) {
        ledger.close();
        throw failure;
      }
    }
    return ledger;
  }

  /** Keeps other runs from the files that this one replaces besides its own, before it looks. */
  private void lock(RunOutput.Saved saved, List<ImageInput> images) {
    Map<Path, String> places = new LinkedHashMap<>();
    saved.exports().forEach(export -> places.put(export.file(), export.form().option()));
    ShardExport shards = saved.shards();
    if (shards != null) {
      ShardExport.byShard(images)
          .keySet()
          .forEach(shard -> places.put(shards.target(shard), ShardExport.OPTION));
    }
    Set<Path> taken = new HashSet<>();
    places.forEach((file, option) -> {
      PredictionsFile place = new PredictionsFile(file);
      if (place.isLockable() && taken.add(ProcessLock.fileOf(place.journal()))) {
        locks.add(lock(place, option));
      }
    });
    saved.exports().stream()
        .map(CaptionExport::file)
        .filter(file -> new PredictionsFile(file).isLockable())
        .forEach(AtomicFile::deleteAbandoned);
  }

  private static ProcessLock lock(PredictionsFile place, String option) {
    try {
      return ProcessLock.tryExclusive(place.journal())
          .orElseThrow(() ->
              new UsageException(
                  "Another run is writing %s, and the captions of one of the two would be lost. Wait until it ends, or give another place for %s."
                      .formatted(place.path(), option)));
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be locked against other runs (%s). Give permission to write in its folder, or another place for %s."
              .formatted(place.path(), UnwritableFileException.reasonOf(failure), option),
          failure);
    }
  }

  /** Sentences on what the journals told and cannot be read any more. */
  List<String> damages() {
    return ledgers.values().stream().flatMap(ledger -> ledger.damage().stream()).toList();
  }

  /** Returns whether an image is known by the hash of its file. */
  boolean needsHashes() {
    return !ledgers.isEmpty();
  }

  /** Returns whether a process ended while the model had {@code image}. */
  boolean isSuspect(ImageInput image) {
    return ledgers.values().stream().anyMatch(ledger -> ledger.deaths(image) > 0);
  }

  /** Returns whether every setting has a caption of {@code image} that was written by hand. */
  boolean isSettled(ImageInput image) {
    return !ledgers.isEmpty()
        && ledgers.values().stream()
            .allMatch(ledger ->
                ledger
                    .prior(image)
                    .filter(PriorCaption.WrittenByHand.class::isInstance)
                    .isPresent());
  }

  /**
   * Returns the settings without a caption of {@code image} as it is now, in order.
   *
   * @param sha256 of the file, or null to go by the stamp alone
   */
  List<String> lacking(ImageInput image, FileStamp stamp, @Nullable String sha256) {
    return settings.stream().filter(setting -> !has(setting, image, stamp, sha256)).toList();
  }

  private boolean has(String setting, ImageInput image, FileStamp stamp, @Nullable String sha256) {
    SettingLedger ledger = ledgers.get(setting);
    if (ledger == null) {
      return false;
    }
    return switch (ledger.prior(image).orElse(null)) {
      case null -> false;
      case PriorCaption.WrittenByHand _ -> true;
      case PriorCaption.Made(JournalEntry entry) ->
          (stamp.provesSameAs(entry.file()) && !entry.isOfAnotherPath(image))
              || entry.sha256().equals(sha256);
    };
  }

  /**
   * Returns why {@code image} is not to be given to the model again, empty if it may be; may be
   * called on any thread.
   */
  Optional<String> refusal(ImageInput image, String sha256, List<String> lacking) {
    int deaths = 0;
    for (String setting : lacking) {
      SettingLedger ledger = ledgers.get(setting);
      deaths = Math.max(deaths, ledger == null ? 0 : ledger.deaths(image, sha256));
    }
    return deaths < MOST_DEATHS
        ? Optional.empty()
        : Optional.of(
            "%s was not tried again: %d times the process ended while the model had it. Leave it out, or try it alone with %s."
                .formatted(
                    image.path(),
                    deaths,
                    output instanceof RunOutput.Saved saved
                        ? saved.overwriteAdvice()
                        : "--overwrite"));
  }

  /** Notes which image the model is about to be given. */
  void begin(Prefetched.Ready<?> image) {
    each(image.lacking(), ledger -> ledger.begin(image.image(), image.sha256()));
  }

  /** Notes that the model has an image no more, without any answer. */
  void release(Prefetched.Ready<?> image) {
    each(image.lacking(), ledger -> ledger.release(image.image()));
  }

  /** Keeps what was made now: one caption for each setting that lacked one, in their order. */
  Outcome captioned(Prefetched.Ready<?> image, List<CaptionDetails> made) {
    List<String> empty = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      String setting = image.lacking().get(i);
      CaptionDetails caption = made.get(i);
      if (caption.saysNothing()) {
        empty.add(setting);
      } else if (output instanceof RunOutput.Printed printed) {
        printed.print(image.image(), caption.caption());
      } else {
        each(List.of(setting), ledger -> ledger.captioned(image, caption));
      }
    }
    each(empty, ledger -> ledger.withdraw(image.image()));
    keepOthers(image);
    return empty.isEmpty()
        ? new Outcome.Captioned(image.image())
        : new Outcome.Failed(
            image.image(),
            nothingSaid(
                image.image(), settings.size() == 1 ? "" : " under " + String.join(", ", empty)));
  }

  /** Says that a caption is empty. {@code where} names the settings if there are several. */
  static String nothingSaid(ImageInput image, String where) {
    return "The model said nothing about %s%s. Where many images are so, the model or its files are broken; else try another instruction, or --min-new-tokens."
        .formatted(image.path(), where);
  }

  /** Lets the settings that had a caption of an image keep it. */
  private void keepOthers(Prefetched.Ready<?> image) {
    ledgers.forEach((setting, ledger) -> {
      if (!image.lacking().contains(setting)) {
        ledger.reused(image.image(), Optional.of(image.file()));
      }
    });
  }

  /** Keeps captions that were there. */
  Outcome reused(Prefetched.Done<?> image) {
    ledgers.values().forEach(ledger -> ledger.reused(image.image(), image.file()));
    return isSettled(image.image())
        ? new Outcome.WrittenByHand(image.image())
        : new Outcome.Reused(image.image());
  }

  /** Takes back the captions of a file that cannot be read any more. */
  Outcome unreadable(ImageInput image, String message) {
    ledgers.values().forEach(ledger -> ledger.withdraw(image));
    return new Outcome.Failed(image, message);
  }

  /** Leaves the captions of a file that cannot be looked at now. */
  Outcome unreached(ImageInput image, String message) {
    ledgers.values().forEach(ledger -> ledger.leave(image));
    return new Outcome.Failed(image, message);
  }

  /** Takes back the captions of the settings that should have captioned an image and could not. */
  Outcome failed(ImageInput image, List<String> lacking, String message) {
    each(lacking, ledger -> ledger.withdraw(image));
    return new Outcome.Failed(image, message);
  }

  /** Takes back what the settings that do not try an image again have of other content. */
  Outcome refused(Prefetched.Refused<?> image) {
    each(image.lacking(), ledger -> ledger.refuse(image.image(), image.sha256()));
    return new Outcome.Failed(image.image(), image.message());
  }

  private void each(List<String> some, Consumer<SettingLedger> action) {
    for (String setting : some) {
      SettingLedger ledger = ledgers.get(setting);
      if (ledger != null) {
        action.accept(ledger);
      }
    }
  }

  /** Brings everything so far to the disk. */
  void save() {
    ledgers.values().forEach(SettingLedger::save);
  }

  /**
   * Saves for the last time.
   *
   * @param lookedAt the images of the run, if all were looked at, else none
   */
  void finish(List<ImageInput> lookedAt) {
    ledgers.values().forEach(ledger -> ledger.finish(lookedAt));
  }

  /** Returns how many texts the predictions hold that are no captions of this program or run. */
  int others() {
    return ledgers.values().stream().mapToInt(SettingLedger::others).sum();
  }

  /** Returns how many captions somebody wrote into the predictions while the run went on. */
  int edited() {
    return ledgers.values().stream().mapToInt(SettingLedger::edited).sum();
  }

  /** Returns how many sidecars held another's text and were left alone. */
  int sidecarsLeft() {
    return ledgers.values().stream().mapToInt(SettingLedger::sidecarsLeft).sum();
  }

  /** Returns where something lies in a sidecar's place that is none. */
  List<Path> sidecarsBlocked() {
    return ledgers.values().stream().flatMap(ledger -> ledger.sidecarsBlocked().stream()).toList();
  }

  @Override
  public void close() {
    RuntimeException first = null;
    for (SettingLedger ledger : ledgers.values()) {
      try {
        ledger.close();
      } catch (RuntimeException failure) {
        first = first == null ? failure : first;
      }
    }
    locks.forEach(ProcessLock::close);
    if (first != null) {
      throw first;
    }
  }
}
