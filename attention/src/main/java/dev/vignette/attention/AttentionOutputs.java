package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.captions.run.UsageException;
import dev.vignette.files.MarkedPng;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Everything there is to see and to read of a caption's attention, in one folder: {@code
 * attention.json} ({@link AttentionFile}), {@code figure.png} (five columns, a panel a word),
 * {@code panels/NN-word.png} (each word's panel alone) and {@code index.html} ({@link
 * AttentionPage}).
 */
public final class AttentionOutputs {
  static final String NUMBERS = "attention.json";

  /** The five-column figure's name in the folder. */
  public static final String FIGURE = "figure.png";

  static final String PANELS = "panels";
  public static final String PAGE = "index.html";
  private static final int LEAST_PANEL = 448;
  private static final int MOST_PANEL = 1024;
  private static final int LONGEST_NAME = 32;
  private static final Pattern PANEL = Pattern.compile("\\d{2,}-[a-z0-9-]+\\.png");

  private AttentionOutputs() {}

  /**
   * Checks that this machine can draw text, which {@link #write} does: worth a call before a model
   * is loaded for it.
   *
   * @throws UsageException saying what to install, if it cannot
   */
  public static void requireText() {
    FigureText.require();
  }

  /**
   * Checks that nothing of anybody's is lost when {@code folder} is written: it is not there, is
   * empty, or holds what {@link #write} wrote and nothing else, judged by what the files say and
   * not by their names alone.
   *
   * @throws IllegalArgumentException naming what would be lost
   * @throws UncheckedIOException if it cannot be looked into
   */
  public static void requireFree(Path folder) {
    try {
      WholeFolder.requireFree(folder, AttentionOutputs::foreign);
    } catch (IOException failure) {
      throw cannotLook(folder, failure);
    }
  }

  /**
   * Whether {@code folder} is free, and what an earlier run wrote into it is of the same image.
   *
   * @param sha256 of the image's file
   * @throws UncheckedIOException if it cannot be looked into
   */
  public static boolean isFreeFor(Path folder, String sha256) {
    try {
      return !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
          || (Files.isDirectory(folder)
              && foreign(folder).isEmpty()
              && AttentionFile.isFreeFor(folder.resolve(NUMBERS), sha256));
    } catch (IOException failure) {
      throw cannotLook(folder, failure);
    }
  }

  private static UncheckedIOException cannotLook(Path folder, IOException failure) {
    return new UncheckedIOException(
        "%s cannot be looked into (%s): give permission to read it, or choose another folder"
            .formatted(folder, failure),
        failure);
  }

  /** What in an old folder is none of ours; without the numbers nothing in it is. */
  private static Optional<Path> foreign(Path folder) throws IOException {
    Path numbers = folder.resolve(NUMBERS);
    if (!Files.exists(numbers, LinkOption.NOFOLLOW_LINKS)) {
      return entries(folder).stream().findFirst();
    }
    List<Path> pictures = new ArrayList<>();
    for (Path entry : entries(folder)) {
      boolean ours =
          switch (entry.getFileName().toString()) {
            case NUMBERS -> AttentionFile.isFree(entry);
            case PAGE -> AttentionPage.isFree(entry);
            case FIGURE -> pictures.add(entry);
            case PANELS -> Files.isDirectory(entry);
            default -> false;
          };
      if (!ours) {
        return Optional.of(entry);
      }
    }
    Path panels = folder.resolve(PANELS);
    if (Files.isDirectory(panels)) {
      for (Path panel : entries(panels)) {
        if (!PANEL.matcher(panel.getFileName().toString()).matches()) {
          return Optional.of(panel);
        }
        pictures.add(panel);
      }
    }
    return foreignPicture(pictures);
  }

  /**
   * The first picture that is none of ours. Folders of versions before the mark have it in none of
   * their pictures, and are known by their numbers: where some have it, one without is somebody's.
   */
  private static Optional<Path> foreignPicture(List<Path> pictures) throws IOException {
    boolean marked = false;
    Optional<Path> unmarked = Optional.empty();
    for (Path picture : pictures) {
      if (MarkedPng.isFree(picture)) {
        marked |= Files.size(picture) > 0;
      } else if (!MarkedPng.isPng(picture)) {
        return Optional.of(picture);
      } else if (unmarked.isEmpty()) {
        unmarked = Optional.of(picture);
      }
    }
    return marked ? unmarked : Optional.empty();
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /**
   * Writes the folder. It appears whole or not at all; one that this method wrote before is
   * replaced.
   *
   * @param image that was captioned, in its own size
   * @param view of the figure and the panels, and first on the page
   * @param generic the attention under a generic instruction, for {@link MapView#CONTRAST}
   * @throws IllegalArgumentException if the image is not of the caption's geometry, if the view
   *     needs {@code generic}, if that has other layers, heads or patches, or if the folder is not
   *     free; see {@link #requireFree}
   * @throws UsageException if this machine cannot draw text, saying what to install
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(
      Path folder,
      AttendedCaption caption,
      RgbImage image,
      AttentionSource source,
      MapView view,
      Optional<AttentionTrace> generic) {
    requireSize(image, caption);
    requireText();
    generic.ifPresent(caption.trace()::requireAlike);
    ViewedMaps maps =
        ViewedMaps.of(
            view, WordMaps.of(caption.trace()), generic.map(trace -> WordMaps.of(trace).mean()));
    WholeFolder.write(
        folder,
        AttentionOutputs::foreign,
        into -> {
          new AttentionFile(source, caption).write(into.resolve(NUMBERS));
          AttentionFigure figure = new AttentionFigure(caption, image, source, maps);
          EncodedPicture.writePng(into.resolve(FIGURE), figure.draw());
          writePanels(Files.createDirectory(into.resolve(PANELS)), caption, image, maps);
          AttentionPage.write(
              into.resolve(PAGE),
              image,
              List.of(new AttentionPage.Entry(source, caption, view, generic)));
        });
  }

  private static void requireSize(RgbImage image, AttendedCaption caption) {
    if (image.width() != caption.geometry().width()
        || image.height() != caption.geometry().height()) {
      throw new IllegalArgumentException(
          "The caption is of an image of %d x %d, but this one is %d x %d"
              .formatted(
                  caption.geometry().width(),
                  caption.geometry().height(),
                  image.width(),
                  image.height()));
    }
  }

  private static void writePanels(
      Path folder, AttendedCaption caption, RgbImage image, ViewedMaps maps) throws IOException {
    RgbImage picture = PanelSize.within(image, LEAST_PANEL, MOST_PANEL);
    List<CaptionWord> words = maps.words().words();
    int number = 0;
    for (int word = 0; word < words.size(); word++) {
      if (!words.get(word).punctuation()) {
        number++;
        RgbImage panel =
            HeatmapOverlay.draw(picture, maps.lit(word, caption.geometry()), caption.geometry());
        EncodedPicture.writePng(
            folder.resolve(panelName(number, words.get(word).text())),
            EncodedPicture.buffered(panel));
      }
    }
  }

  /** In ASCII, since not every file system and locale has more: {@code 02-dog.png}. */
  static String panelName(int number, String word) {
    String plain =
        Normalizer.normalize(word, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    String name = plain.isEmpty() ? "word" : plain;
    return "%02d-%s.png"
        .formatted(number, name.substring(0, Math.min(LONGEST_NAME, name.length())));
  }
}
