package dev.vignette.captions.batch;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The outputs of a run with several settings: a predictions file each, in one folder.
 *
 * @param bySetting the files by the name of their setting, in order; at least one
 */
public record SettingFiles(SequencedMap<String, OutputFiles> bySetting) {
  /** Copies the files. */
  public SettingFiles {
    bySetting = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(bySetting));
    if (bySetting.isEmpty()) {
      throw new IllegalArgumentException("A run has at least one setting, but none was given");
    }
  }

  /** {@code folder/NAME.json} for each setting. */
  public static SettingFiles in(Path folder, List<String> settings, KeyMode keys) {
    SequencedMap<String, OutputFiles> files = new LinkedHashMap<>();
    for (String setting : settings) {
      files.put(
          setting, new OutputFiles(folder.resolve(setting + ".json"), keys, false, null, false));
    }
    return new SettingFiles(files);
  }

  /** The folder of the first file. */
  public Path folder() {
    return bySetting.firstEntry().getValue().predictions().resolveSibling("");
  }

  /**
   * Checks, before any work, that all can take the captions of {@code inputs}.
   *
   * @throws UsageException if not
   */
  public void require(ImageInputs inputs) {
    bySetting.values().forEach(files -> OutputCheck.require(files, inputs.images()));
  }
}
