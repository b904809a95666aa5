package dev.vignette.captions.run;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.DetailsLog.DetailsLine;
import dev.vignette.captions.run.ImageInput.FileStamp;
import dev.vignette.captions.run.Journal.JournalState;
import dev.vignette.captions.run.JournalLine.JournalEntry;
import dev.vignette.captions.run.Prefetcher.Prefetched;
import dev.vignette.captions.run.RunOutput.PredictionsFile;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash.FileLook;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is done of one setting, and its files while a run lasts: predictions sorted by key, journal,
 * details, sidecars.
 *
 * <p>For each caption the details are written first, then the journal, then the sidecar. So what
 * the journal knows has its details, and a sidecar that a kill prevented is known to be missing.
 */
final class SettingLedger implements AutoCloseable {
  private final PredictionsFile file;
  private final boolean overwrite;
  private final ModelFingerprint fingerprint;
  private final String hash;
  private final Set<String> acceptedHashes;
  private final SortedMap<String, String> captions;
  private final Journal journal;
  private final @Nullable DetailsLog details;
  private final @Nullable Sidecars sidecars;
  private final Map<String, PriorCaption> prior = new HashMap<>();
  private final Map<String, List<JournalLine.Begun>> begun = new HashMap<>();
  private final List<CaptionExport> exports;
  private final List<ImageInput> images;
  private final @Nullable ShardExport shards;
  private final ShardExport.@Nullable Unwritten unwritten; // null without shards to write
  private final int others;
  private FileLook seen;

  /** Keys whose captions somebody wrote into the predictions while the run went on. */
  private final Set<String> edited = new HashSet<>();

  private boolean changed;

  private SettingLedger(
      PredictionsFile file,
      RunOutput.Saved output,
      List<ImageInput> images,
      ModelFingerprint fingerprint,
      Journal journal,
      @Nullable DetailsLog details) {
    this.file = file;
    this.overwrite = output.overwrite();
    this.exports = output.exports();
    this.images = images;
    this.shards = output.shards();
    this.unwritten = shards == null ? null : new ShardExport.Unwritten(images);
    this.fingerprint = fingerprint;
    this.hash = fingerprint.hash();
    this.acceptedHashes = fingerprint.acceptedHashes();
    this.journal = journal;
    this.details = details;
    this.sidecars =
        output.sidecars() == null
            ? null
            // The journal's lock is of one run at a time.
            : new Sidecars(output.sidecars(), ProcessLock.fileOf(file.journal()).toString());
    this.seen = lookAt(file.path());
    this.captions = file.read();
    this.changed = Files.notExists(file.path());
    this.others = othersIn(captions, journal.state(), images);
    takeCaptionsOfJournal();
  }

  /**
   * Opens the files of a setting and finds out what of {@code images} is done.
   *
   * @throws UsageException if another run has them open, or they hold something else
   * @throws UncheckedIOException if they cannot be read and written
   */
  static SettingLedger open(
      PredictionsFile file,
      RunOutput.Saved output,
      List<ImageInput> images,
      ModelFingerprint fingerprint) {
    DetailsLog details = output.details() ? DetailsLog.open(file.details()) : null;
    Journal journal = null;
    try {
      journal = Journal.open(file.journal(), output.keys());
      AtomicFile.deleteAbandoned(file.path());
      AtomicFile.deleteAbandoned(file.journal());
      AtomicFile.deleteAbandoned(file.details());
      SettingLedger ledger = new SettingLedger(file, output, images, fingerprint, journal, details);
      ledger.look(images);
      return ledger;
    } catch (RuntimeException failure) {
      close(journal, details);
      throw failure;
    }
  }

  private static int othersIn(
      Map<String, String> captions, JournalState known, List<ImageInput> images) {
    Set<String> others = new HashSet<>(captions.keySet());
    images.forEach(image -> others.remove(image.key()));
    others.removeIf(known::hasAny);
    return others.size();
  }

  /** A kill can leave the predictions behind the journal. */
  private void takeCaptionsOfJournal() {
    for (String key : journal.state().keys()) {
      if (!isWrittenByHand(key)) {
        journal
            .state()
            .last(key)
            .ifPresentOrElse(entry -> keep(key, entry.caption()), () -> remove(key));
      }
    }
  }

  private void keep(String key, String caption) {
    changed |= !caption.equals(captions.put(key, caption));
  }

  private void remove(String key) {
    changed |= captions.remove(key) != null;
  }

  private boolean isWrittenByHand(String key) {
    String caption = captions.get(key);
    return caption != null && !journal.state().knows(key, caption);
  }

  private void look(List<ImageInput> images) {
    JournalState state = journal.state();
    if (overwrite && (isOneRefused(images) || images.stream().noneMatch(this::isToRedo))) {
      journal.appendAll(images.stream().map(image -> new JournalLine.ToRedo(image.key())).toList());
    }
    for (ImageInput image : images) {
      findPrior(image.key()).ifPresent(caption -> prior.put(image.key(), caption));
      List<JournalLine.Begun> ofImage =
          state.begun(image.key()).stream().filter(one -> one.fingerprint().equals(hash)).toList();
      if (!ofImage.isEmpty()) {
        begun.put(image.key(), ofImage);
      }
    }
  }

  private boolean isToRedo(ImageInput image) {
    return journal.state().isToRedo(image.key());
  }

  /** Whether somebody tries one image alone that this setting does not try again by itself. */
  private boolean isOneRefused(List<ImageInput> images) {
    return images.size() == 1
        && journal.state().begun(images.getFirst().key()).size() >= RunLedger.MOST_DEATHS;
  }

  /** What was corrected by hand while an overwriting run stood still came after its caption. */
  private Optional<PriorCaption> findPrior(String key) {
    if (isWrittenByHand(key)) {
      return overwrite && journal.state().isToRedo(key)
          ? Optional.empty()
          : Optional.of(new PriorCaption.WrittenByHand());
    }
    return journal
        .state()
        .last(key)
        .filter(_ -> !journal.state().isToRedo(key))
        .filter(entry -> acceptedHashes.contains(entry.fingerprint()))
        .filter(entry -> details == null || details.has(entry))
        .map(PriorCaption.Made::new);
  }

  /** Returns the caption that {@code image} had when the run began; may be called on any thread. */
  Optional<PriorCaption> prior(ImageInput image) {
    return Optional.ofNullable(prior.get(image.key()));
  }

  /**
   * Returns how many times, before this run, a process ended while the model had {@code image}; may
   * be called on any thread.
   */
  int deaths(ImageInput image) {
    return begun.getOrDefault(image.key(), List.of()).size();
  }

  /** Returns the same of the very file whose hash is {@code sha256}. */
  int deaths(ImageInput image, String sha256) {
    return (int)
        begun.getOrDefault(image.key(), List.of()).stream()
            .filter(one -> one.sha256().equals(sha256))
            .count();
  }

  /** Notes that the model is about to be given an image. */
  void begin(ImageInput image, String sha256) {
    journal.append(new JournalLine.Begun(image.key(), sha256, hash));
  }

  /** Notes that the model has an image no more, without any answer. */
  void release(ImageInput image) {
    journal.append(new JournalLine.Released(image.key()));
  }

  /** Keeps what was made now. */
  void captioned(Prefetched.Ready<?> image, CaptionDetails made) {
    String key = image.image().key();
    String said = edited.contains(key) ? captions.getOrDefault(key, "") : made.caption();
    JournalEntry entry =
        new JournalEntry(
            key,
            made.caption(),
            hash,
            image.sha256(),
            image.file(),
            sidecars == null ? journal.state().sidecar(key) : sidecars.textOf(said),
            image.image().absolutePath());
    if (details != null) {
      details.append(
          new DetailsLine(image.image(), made, image.sha256(), hash, fingerprint.values()));
    }
    journal.append(entry);
    keep(key, said);
    writeSidecar(image.image(), entry.sidecar(), overwrite);
    settled(image.image());
  }

  /** Writes the shard of an image that was the last of it. */
  private void settled(ImageInput image) {
    ShardExport export = shards;
    ShardExport.Unwritten left = unwritten;
    if (export != null && left != null) {
      left.settled(image)
          .ifPresent(shard ->
              export.write(
                  shard,
                  left.images(shard),
                  captions,
                  overwrite,
                  journal.state()::exported,
                  (place, said) -> journal.append(new JournalLine.Exported(place, said))));
    }
  }

  /**
   * Keeps a caption that was there.
   *
   * @param stamp of the image file now, empty if nobody looked
   */
  void reused(ImageInput image, Optional<FileStamp> stamp) {
    Optional<JournalEntry> last = journal.state().last(image.key());
    JournalEntry entry = last.orElse(null);
    if (prior.get(image.key()) instanceof PriorCaption.Made(JournalEntry made)) {
      entry = made.withFile(stamp.orElse(made.file()), image.absolutePath());
    }
    String wanted = null;
    if (sidecars != null) {
      wanted = sidecars.textOf(captions.getOrDefault(image.key(), ""));
      if (entry != null && sidecars.differs(image, wanted)) {
        entry = entry.withSidecar(wanted);
      }
    }
    if (entry != null && !entry.equals(last.orElse(null))) {
      journal.append(entry);
    }
    writeSidecar(image, wanted, false);
    settled(image);
  }

  private void writeSidecar(ImageInput image, @Nullable String wanted, boolean any) {
    if (sidecars != null && wanted != null) {
      sidecars.write(image, wanted, text -> any || journal.state().knowsSidecar(image.key(), text));
    }
  }

  /**
   * Takes the caption of an image back, which could not be read or captioned now. One that was
   * written by hand stays, and so does that of another file with the same key.
   */
  void withdraw(ImageInput image) {
    takeBack(image);
    settled(image);
  }

  /** Leaves the caption of an image, if it has one, which cannot be looked at now. */
  void leave(ImageInput image) {
    if (!journal.state().begun(image.key()).isEmpty()) {
      release(image);
    }
    settled(image);
  }

  private void takeBack(ImageInput image) {
    String key = image.key();
    JournalState state = journal.state();
    if (isWrittenByHand(key)
        || state.last(key).filter(entry -> entry.isOfAnotherPath(image)).isPresent()) {
      if (!state.begun(key).isEmpty()) {
        release(image);
      }
      return;
    }
    withdrawKnown(image);
  }

  /**
   * Takes the caption of an image back that is not tried again, and remembers why it is not; with
   * the exceptions of {@link #withdraw}, and that of the very file, which has none that is better.
   */
  void refuse(ImageInput image, String sha256) {
    String key = image.key();
    JournalState state = journal.state();
    List<JournalLine.Begun> why = state.begun(key);
    if (state.last(key).filter(entry -> isOfOther(entry, image, sha256)).isPresent()
        && !isWrittenByHand(key)) {
      withdrawKnown(image);
      journal.appendAll(why);
    }
    settled(image);
  }

  /** Whether a caption is of what lay at an image's path before. */
  private static boolean isOfOther(JournalEntry entry, ImageInput image, String sha256) {
    return !entry.isOfAnotherPath(image) && !entry.sha256().equals(sha256);
  }

  private void withdrawKnown(ImageInput image) {
    String key = image.key();
    JournalState state = journal.state();
    String sidecar = state.sidecar(key);
    if (sidecars != null && sidecars.delete(image, text -> state.knowsSidecar(key, text))) {
      sidecar = null;
    }
    if (state.hasAny(key)) {
      journal.append(new JournalLine.Failed(key, sidecar));
    }
    remove(key);
    if (details != null) {
      details.forget(key);
    }
  }

  /** Brings everything so far to the disk. */
  void save() {
    journal.force();
    if (details != null) {
      details.force();
    }
    takeEdits();
    if (changed) {
      Predictions.ofFiles(captions).write(file.path());
      changed = false;
      seen = lookAt(file.path());
    }
  }

  /** Somebody may have corrected the predictions since this run read or wrote them. */
  private void takeEdits() {
    FileLook now = lookAt(file.path());
    if (now.equals(seen)) {
      return;
    }
    JournalState ours = journal.state();
    predictionsNow()
        .forEach((key, text) -> {
          if (!ours.knows(key, text) && !text.equals(captions.put(key, text))) {
            edited.add(key);
          }
        });
    changed = true;
    seen = now;
  }

  /** A sentence on lines of the journal that cannot be read; empty if all can. */
  Optional<String> damage() {
    return journal.damaged() == 0
        ? Optional.empty()
        : Optional.of(
            "%d of the lines of %s cannot be read. Captions that they told of count as written by hand and stay, whatever becomes of their images; --overwrite makes captions anew."
                .formatted(journal.damaged(), file.journal()));
  }

  private Map<String, String> predictionsNow() {
    try {
      return file.read();
    } catch (UsageException failure) {
      throw new UnwritableFileException(
          "%s is no longer what this run read: %s The captions made since are in %s."
              .formatted(file.path(), failure.getMessage(), file.journal()),
          new IOException(failure));
    }
  }

  /** Returns how many captions somebody wrote into the predictions while the run went on. */
  int edited() {
    return edited.size();
  }

  /**
   * Saves for the last time, in all forms.
   *
   * @param lookedAt the images that were all looked at; empty if some were not
   */
  void finish(List<ImageInput> lookedAt) {
    save();
    for (CaptionExport export : exports) {
      write(export);
    }
    journal.state().endRedo(lookedAt.stream().map(ImageInput::key).toList());
    journal.compact();
    if (details != null) {
      details.compact();
    }
  }

  /** Writes an export, and remembers what was written: that may be replaced by the next run. */
  private void write(CaptionExport export) {
    OutputCheck.again(() -> export.require(images, overwrite, captions, journal.state()));
    export.write(images, captions);
    String hash = export.hash();
    if (!hash.isEmpty() && !hash.equals(journal.state().exported(export.place()))) {
      journal.append(new JournalLine.Exported(export.place(), hash));
    }
  }

  /**
   * Returns how many texts the predictions hold that neither this program made nor a run's image
   * has.
   */
  int others() {
    return others;
  }

  /** Returns how many sidecars held another's text and were left alone. */
  int sidecarsLeft() {
    return sidecars == null ? 0 : sidecars.left();
  }

  /** Returns where something lies in a sidecar's place that is none. */
  List<Path> sidecarsBlocked() {
    return sidecars == null ? List.of() : sidecars.blocked();
  }

  @Override
  public void close() {
    close(journal, details);
  }

  private static void close(@Nullable Journal journal, @Nullable DetailsLog details) {
    try {
      if (journal != null) {
        journal.close();
      }
    } finally {
      if (details != null) {
        details.close();
      }
    }
  }

  private static FileLook lookAt(Path file) {
    try {
      return FileLook.at(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be read (%s). Give permission, and run the same command again."
              .formatted(file, UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /** A caption that a setting has of an image before a run. */
  sealed interface PriorCaption {
    /** Made by an earlier run with the same model and settings; holds if the image is the same. */
    record Made(JournalEntry entry) implements PriorCaption {}

    /** In the predictions but not of this program's making: the user's word, which holds always. */
    record WrittenByHand() implements PriorCaption {}
  }
}
