package dev.vignette.cli.report;

import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttendingCaptioner.AttentionDefault;
import dev.vignette.attention.AttentionOutputs;
import dev.vignette.attention.AttentionPage;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionSource;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.report.Report.Exhibit;
import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/** Makes exhibits: both captioners' best captions of an image, read again with attention traced. */
final class ExhibitMaker {
  /** Models of more heads are shown on the page by their default layers only. */
  private static final int MOST_HEADS = 64;

  private final Path output;
  private final ReportConfig.Data data;
  private final SequencedMap<String, CocoCaptions.Image> images;
  private final List<Speaker> speakers;

  /**
   * A captioner and its captions.
   *
   * @param id names its files
   * @param captioner reads them
   * @param best which captions, and their scores
   * @param settings what a reader should know
   */
  record Speaker(
      String id,
      AttendingCaptioner captioner,
      ReportSteps.Best<?> best,
      Map<String, String> settings) {}

  ExhibitMaker(Path output, ReportConfig.Data data, List<Speaker> speakers) {
    this.output = output;
    this.data = data;
    this.images = CocoCaptions.read(data.annotations()).byStem();
    this.speakers = List.copyOf(speakers);
  }

  /** An image with the captions of all captioners. */
  Exhibit of(String stem) {
    CocoCaptions.Image image = images.get(stem);
    String title = image == null || image.captions().isEmpty() ? stem : image.captions().getFirst();
    return exhibit(stem, title, speakers, speaker -> ReportFolder.attended(stem, speaker.id()));
  }

  /** The best and the worst pair of each captioner by CLIPScore. */
  List<Exhibit> extremes() {
    List<Exhibit> exhibits = new ArrayList<>();
    for (Speaker speaker : speakers) {
      for (boolean highest : new boolean[] {true, false}) {
        String title =
            "%s pair of %s".formatted(highest ? "Best" : "Worst", speaker.captioner().name());
        Path folder = ReportFolder.extreme(highest, speaker.id());
        exhibits.add(
            exhibit(speaker.best().extreme(highest), title, List.of(speaker), _ -> folder));
      }
    }
    return exhibits;
  }

  private Exhibit exhibit(
      String stem, String title, List<Speaker> of, Function<Speaker, Path> folders) {
    RgbImage image = RgbImage.read(imageFile(stem));
    List<AttentionPage.Entry> entries = new ArrayList<>();
    List<Path> figures = new ArrayList<>();
    List<String> scores = new ArrayList<>();
    for (Speaker speaker : of) {
      Optional<String> caption =
          speaker.best().predictions().caption(stem).filter(text -> !text.isBlank());
      AttentionSource source =
          AttentionSource.of(
              imageFile(stem).getFileName().toString(),
              speaker.captioner().name(),
              settings(speaker, stem));
      AttentionDefault usual = speaker.captioner().defaultAttention();
      figures.add(figure(speaker, folders.apply(speaker), image, caption, source));
      entries.add(
          new AttentionPage.Entry(
              source,
              speaker.captioner().attend(image, caption, onThePage(speaker.captioner())),
              usual.view(),
              Optional.empty()));
      speaker
          .best()
          .clipScore(stem)
          .ifPresent(score -> scores.add("%s: CLIPScore %.4f".formatted(speaker.id(), score)));
    }
    String note = scores.isEmpty() ? stem : stem + "; " + String.join(", ", scores);
    return new Exhibit(title, note, image, entries, figures);
  }

  private Path imageFile(String stem) {
    CocoCaptions.Image image = images.get(stem);
    if (image == null) {
      throw new UsageException("There is no image %s in the annotations".formatted(stem));
    }
    return data.fileOf(image);
  }

  private static Map<String, String> settings(Speaker speaker, String stem) {
    Map<String, String> settings = new LinkedHashMap<>(speaker.settings());
    speaker
        .best()
        .clipScore(stem)
        .ifPresent(score -> settings.put("CLIPScore", "%.4f".formatted(score)));
    return settings;
  }

  private static AttentionSelection onThePage(AttendingCaptioner captioner) {
    return captioner.layers() * captioner.heads() <= MOST_HEADS
        ? AttentionSelection.ALL
        : captioner.defaultAttention().selection();
  }

  private Path figure(
      Speaker speaker,
      Path folder,
      RgbImage image,
      Optional<String> caption,
      AttentionSource source) {
    AttentionDefault usual = speaker.captioner().defaultAttention();
    AttendedCaption attended = speaker.captioner().attend(image, caption, usual.selection());
    AttentionOutputs.write(
        output.resolve(folder), attended, image, source, usual.view(), Optional.empty());
    return folder.resolve(AttentionOutputs.FIGURE);
  }
}
