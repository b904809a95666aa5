package dev.vignette.cli.report;

import dev.vignette.attention.AttentionOutputs;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.report.RankingJson;
import dev.vignette.files.MarkedPng;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The folder of a report, what is where in it, and what of it is a report's. */
final class ReportFolder {
  /** The page's name. */
  static final String PAGE = "index.html";

  /** Names the files of the zero-shot captioner. */
  static final String LLAVA = "llava";

  /** Names the files of the trained captioner. */
  static final String CAPTIONER = "captioner";

  /** The best training run's curves. */
  static final Path CURVES = Path.of(CAPTIONER, "curves.png");

  private static final Path ATTENTION = Path.of("attention");

  /** Not an image's: their folders end in a speaker's name. */
  private static final Path EXTREMES = ATTENTION.resolve("extremes");

  private ReportFolder() {}

  /** Where an image's attention is. */
  static Path attended(String stem, String speaker) {
    return ATTENTION.resolve(stem + "-" + speaker);
  }

  /** Where the attention of a speaker's best or worst pair is, whichever image that will be. */
  static Path extreme(boolean highest, String speaker) {
    return EXTREMES.resolve((highest ? "best-" : "worst-") + speaker);
  }

  /**
   * Checks, before any work, that a report in {@code folder} replaces nothing but an earlier one.
   *
   * @param config of which images and captioners it is
   * @throws UsageException naming a file of somebody else's
   * @throws IllegalArgumentException naming what a folder of attention would lose
   */
  static void requireFree(Path folder, ReportConfig config) throws IOException {
    requireOutside(folder, config.data().images());
    for (Path inner : List.of(Path.of(LLAVA), Path.of(CAPTIONER), ATTENTION, EXTREMES)) {
      requireFolder(folder.resolve(inner));
    }
    OwnedFiles.require(folder.resolve(PAGE), ".attention-words {"); // of its style
    OwnedFiles.require(folder.resolve("report.md"), "## Which instruction captions best?");
    ComparisonReport.requireFree(folder.resolve(LLAVA));
    OwnedFiles.require(
        folder.resolve(CAPTIONER).resolve("comparison.json"), "\"" + RankingJson.MARK + "\"");
    for (String kind : List.of(LLAVA, CAPTIONER)) {
      OwnedFiles.require(folder.resolve(kind).resolve("best-scores.json"), "\"vignette_eval\"");
    }
    if (Files.exists(folder.resolve(CAPTIONER).resolve("config.yaml"))) {
      throw new UsageException(
          "The report writes into %s, but that is a training run, whose curves.png would be lost. Give another --output."
              .formatted(folder.resolve(CAPTIONER)));
    }
    if (!isShown(folder.resolve(CURVES), folder.resolve(PAGE))) {
      OwnedFiles.requirePng(folder.resolve(CURVES));
    }
    attention(config).forEach(inner -> AttentionOutputs.requireFree(folder.resolve(inner)));
  }

  /** The next run would caption the report's pictures, were they among the images. */
  private static void requireOutside(Path folder, Path images) throws IOException {
    Path walked = images.toRealPath();
    for (Path of : List.of(folder, folder.resolve(ATTENTION), folder.resolve(CAPTIONER))) {
      Path there = real(of);
      if (there.startsWith(walked)) {
        throw new UsageException(
            "The report writes pictures into %s, which lies in the folder of the images, %s: the next run would caption them. Give an --output outside of it."
                .formatted(of, images));
      }
    }
  }

  /** The real path of a folder, of which the last parts may be missing yet. */
  private static Path real(Path folder) throws IOException {
    Path whole = folder.toAbsolutePath().normalize();
    Path there = whole;
    while (Files.notExists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there.toRealPath().resolve(there.relativize(whole)).normalize();
  }

  /**
   * Whether a page has a PNG within it, as the reports of versions have whose PNGs had no mark yet.
   */
  private static boolean isShown(Path png, Path page) {
    try {
      return MarkedPng.isPng(png)
          && Files.isRegularFile(page)
          && Files.readString(page, StandardCharsets.ISO_8859_1)
              .contains(Base64.getEncoder().encodeToString(Files.readAllBytes(png)));
    } catch (IOException _) {
      return false; // whether it is free is looked at then, and says why it cannot be
    }
  }

  private static void requireFolder(Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException(
          "The report writes into the folder %s, but that is a file. Give another --output, or move the file away."
              .formatted(folder));
    }
  }

  /** All folders of attention. */
  private static List<Path> attention(ReportConfig config) {
    List<Path> folders = new ArrayList<>();
    for (String speaker : config.runs().isEmpty() ? List.of(LLAVA) : List.of(LLAVA, CAPTIONER)) {
      config.attended().forEach(stem -> folders.add(attended(stem, speaker)));
      folders.add(extreme(true, speaker));
      folders.add(extreme(false, speaker));
    }
    return folders;
  }
}
