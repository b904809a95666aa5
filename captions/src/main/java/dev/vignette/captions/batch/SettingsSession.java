package dev.vignette.captions.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * An {@link OutputSession} for each setting while a run lasts. An image counts as done when every
 * setting has its caption; of one that is not, the settings that have it keep it.
 */
final class SettingsSession implements CaptionSink<List<CaptionDetails>> {
  private final SequencedMap<String, OutputSession> sessions = new LinkedHashMap<>();
  private final Map<String, Map<String, Reusable>> reusable = new HashMap<>();

  private SettingsSession() {}

  /**
   * Opens the outputs of all settings and finds out what they have.
   *
   * @throws UsageException if they cannot take the captions of {@code images}
   */
  static SettingsSession open(
      SettingFiles files,
      List<ImageInput> images,
      Function<String, ModelFingerprint> fingerprints) {
    SettingsSession session = new SettingsSession();
    try {
      files
          .bySetting()
          .forEach((setting, outputs) ->
              session.sessions.put(
                  setting, OutputSession.open(outputs, images, fingerprints.apply(setting))));
      session.sessions.forEach(
          (setting, outputs) -> session.reusable.put(setting, outputs.reusable(images)));
      return session;
    } catch (RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  /** The settings without a caption of {@code image} as it is now, in order. */
  List<String> missing(Prefetched.Ready<?> image) {
    return sessions.keySet().stream().filter(setting -> !has(setting, image)).toList();
  }

  private boolean has(String setting, Prefetched.Ready<?> image) {
    return switch (reusable.getOrDefault(setting, Map.of()).get(image.image().key())) {
      case null -> false;
      case Reusable.WrittenByHand _ -> true;
      case Reusable.MadeBefore(JournalEntry entry) ->
          image.file().provesSameAs(entry.file()) || image.sha256().equals(entry.sha256());
    };
  }

  /** The images that every setting has a caption of, made of the same file. */
  @Override
  public Map<String, Reusable> reusable(List<ImageInput> images) {
    Map<String, Reusable> complete = new HashMap<>();
    for (ImageInput image : images) {
      List<Reusable> captions = new ArrayList<>();
      for (Map<String, Reusable> ofSetting : reusable.values()) {
        Reusable caption = ofSetting.get(image.key());
        if (caption != null) {
          captions.add(caption);
        }
      }
      if (captions.size() == sessions.size() && ofOneFile(captions)) {
        complete.put(image.key(), representative(captions));
      }
    }
    return complete;
  }

  private static boolean ofOneFile(List<Reusable> captions) {
    return captions.stream()
            .filter(Reusable.MadeBefore.class::isInstance)
            .map(caption -> ((Reusable.MadeBefore) caption).entry().sha256())
            .distinct()
            .count()
        <= 1;
  }

  /** One whose file can be looked at, if there is one. */
  private static Reusable representative(List<Reusable> captions) {
    return captions.stream()
        .filter(Reusable.MadeBefore.class::isInstance)
        .findFirst()
        .orElse(captions.getFirst());
  }

  @Override
  public boolean needsHashes() {
    return true;
  }

  /** Takes the captions of the settings that {@link #missing} named, in their order. */
  @Override
  public void captioned(Prefetched.Ready<?> image, List<CaptionDetails> made) {
    List<String> missing = missing(image);
    if (made.size() != missing.size()) {
      throw new IllegalStateException(
          "A captioner must give one caption a setting, but gave %d for %d"
              .formatted(made.size(), missing.size()));
    }
    sessions.forEach((setting, session) -> {
      int place = missing.indexOf(setting);
      if (place >= 0) {
        session.captioned(image, made.get(place));
      } else {
        keep(setting, session, image.image(), image.file());
      }
    });
  }

  @Override
  public void reused(Prefetched.Done<?> image) {
    if (image.caption() instanceof Reusable.MadeBefore(JournalEntry entry)) {
      sessions.forEach((setting, session) -> keep(setting, session, image.image(), entry.file()));
    } else {
      sessions.values().forEach(session -> session.reused(image));
    }
  }

  /** Lets a setting keep its own caption, made of a file that now has {@code stamp}. */
  private void keep(String setting, OutputSession session, ImageInput image, FileStamp stamp) {
    Reusable own = reusable.getOrDefault(setting, Map.of()).get(image.key());
    if (own instanceof Reusable.MadeBefore(JournalEntry entry)) {
      own = new Reusable.MadeBefore(entry.withFile(stamp));
    }
    if (own != null) {
      session.reused(new Prefetched.Done<>(image, own));
    }
  }

  @Override
  public void failed(ImageInput image) {
    sessions.values().forEach(session -> session.failed(image));
  }

  @Override
  public void save() {
    sessions.values().forEach(OutputSession::save);
  }

  @Override
  public void finish() {
    sessions.values().forEach(OutputSession::finish);
  }

  @Override
  public int sidecarsLeft() {
    return 0;
  }

  @Override
  public void close() {
    sessions.values().forEach(OutputSession::close);
  }
}
