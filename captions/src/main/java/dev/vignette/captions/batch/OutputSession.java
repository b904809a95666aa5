package dev.vignette.captions.batch;

import dev.vignette.captions.Predictions;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a run while it lasts: predictions sorted by key, journal, details, sidecars.
 *
 * <p>For each caption the details are written first, then the journal, then the sidecar. So what
 * the journal knows has its details, and a sidecar that a kill prevented is known to be missing.
 */
final class OutputSession implements CaptionSink<CaptionDetails> {
  private final OutputFiles files;
  private final ModelFingerprint fingerprint;
  private final String hash;
  private final SortedMap<String, String> captions;
  private final Journal journal;
  private final @Nullable DetailsLog details;
  private final @Nullable Sidecars sidecars;
  private boolean changed;

  private OutputSession(
      OutputFiles files, ModelFingerprint fingerprint, Journal journal, @Nullable DetailsLog log) {
    this.files = files;
    this.fingerprint = fingerprint;
    this.hash = fingerprint.hash();
    this.journal = journal;
    this.details = log;
    this.sidecars =
        files.sidecars() == null ? null : new Sidecars(files.sidecars(), files.overwrite());
    this.captions = ExistingPredictions.read(files.predictions());
    this.changed = Files.notExists(files.predictions());
    for (String key : journal.keys()) {
      if (!isWrittenByHand(key)) {
        journal.last(key).ifPresent(entry -> keep(key, entry.caption()));
      }
    }
  }

  /**
   * Opens the outputs and finds out what they have.
   *
   * @throws UsageException if they cannot take the captions of {@code images}
   * @throws UncheckedIOException if they cannot be read and written
   */
  static OutputSession open(
      OutputFiles files, List<ImageInput> images, ModelFingerprint fingerprint) {
    OutputCheck.require(files, images);
    DetailsLog details = files.details() ? DetailsLog.open(files.detailsFile()) : null;
    Journal journal = null;
    try {
      journal = Journal.open(files.journalFile(), files.keys());
      Leftovers.delete(files);
      OutputSession session = new OutputSession(files, fingerprint, journal, details);
      if (files.overwrite()) {
        images.forEach(session::failed);
        session.finish();
      }
      return session;
    } catch (RuntimeException failure) {
      close(journal, details);
      throw failure;
    }
  }

  /** Whether the caption of {@code key} is one that the journal does not know. */
  private boolean isWrittenByHand(String key) {
    String caption = captions.get(key);
    return caption != null && journal.all(key).noneMatch(entry -> entry.caption().equals(caption));
  }

  private void keep(String key, String caption) {
    changed |= !caption.equals(captions.put(key, caption));
  }

  @Override
  public Map<String, Reusable> reusable(List<ImageInput> images) {
    Map<String, Reusable> reusable = new HashMap<>();
    for (ImageInput image : images) {
      reusable(image.key()).ifPresent(caption -> reusable.put(image.key(), caption));
    }
    return reusable;
  }

  private Optional<Reusable> reusable(String key) {
    String caption = captions.get(key);
    if (caption != null && isWrittenByHand(key)) {
      return Optional.of(new Reusable.WrittenByHand(caption));
    }
    return journal
        .last(key)
        .filter(entry -> entry.fingerprint().equals(hash))
        .filter(entry -> details == null || details.has(entry))
        .map(Reusable.MadeBefore::new);
  }

  @Override
  public boolean needsHashes() {
    return true;
  }

  @Override
  public void captioned(Prefetched.Ready<?> image, CaptionDetails made) {
    String key = image.image().key();
    JournalEntry entry =
        new JournalEntry(
            key,
            made.caption(),
            hash,
            image.sha256(),
            image.file(),
            sidecars == null ? knownSidecar(key) : sidecars.textOf(made.caption()));
    if (details != null) {
      details.append(
          new DetailsLine(image.image(), made, image.sha256(), hash, fingerprint.values()));
    }
    journal.append(entry);
    keep(key, made.caption());
    writeSidecar(image.image(), entry.sidecar());
  }

  /** The text that an earlier run wrote to a sidecar, so that a later one still knows it. */
  private @Nullable String knownSidecar(String key) {
    return journal.last(key).map(JournalEntry::sidecar).orElse(null);
  }

  @Override
  public void reused(Prefetched.Done<?> image) {
    String key = image.image().key();
    Optional<JournalEntry> last = journal.last(key);
    JournalEntry entry =
        image.caption() instanceof Reusable.MadeBefore before ? before.entry() : last.orElse(null);
    String wanted = null;
    if (sidecars != null) {
      wanted = sidecars.textOf(image.caption().caption());
      if (entry != null && sidecars.differs(image.image().path(), wanted)) {
        entry = entry.withSidecar(wanted);
      }
    }
    if (entry != null && !entry.equals(last.orElse(null))) {
      journal.append(entry);
    }
    writeSidecar(image.image(), wanted);
  }

  private void writeSidecar(ImageInput image, @Nullable String wanted) {
    if (sidecars != null && wanted != null) {
      sidecars.write(
          image.path(),
          wanted,
          text -> journal.all(image.key()).anyMatch(entry -> text.equals(entry.sidecar())));
    }
  }

  @Override
  public void failed(ImageInput image) {
    changed |= captions.remove(image.key()) != null;
    journal.forget(image.key());
    if (details != null) {
      details.forget(image.key());
    }
  }

  @Override
  public void save() {
    journal.force();
    if (details != null) {
      details.force();
    }
    if (changed) {
      Predictions.ofFiles(captions).write(files.predictions());
      changed = false;
    }
  }

  @Override
  public void finish() {
    save();
    journal.compact();
    if (details != null) {
      details.compact();
    }
  }

  @Override
  public int sidecarsLeft() {
    return sidecars == null ? 0 : sidecars.left();
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
}
