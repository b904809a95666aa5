package dev.vignette.cli.attend;

import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttendingCaptioner.AttentionDefault;
import dev.vignette.attention.AttentionOutputs;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionSource;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.MapView;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.ContentHash;
import dev.vignette.files.FileStem;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of {@code attend} commands, and what they do with them: a picocli mix-in. */
public final class AttendArguments {
  /** Where maps go unless a folder is named, in a folder a picture. */
  public static final Path USUAL = Path.of("attention");

  private static final int HASH_DIGITS = 8;

  @Parameters(paramLabel = "IMAGE", description = "The picture.")
  private Path image = Path.of("image");

  @Option(
      names = "--caption",
      paramLabel = "TEXT",
      description = "Read this caption instead of generating one.")
  private @Nullable String caption;

  @Option(
      names = "--layers",
      paramLabel = "LIST|all",
      description = {
        "Layers, from 0, such as 14-20 or 3,5 (default: those that were measured to find things best, or all)."
      })
  private @Nullable String layers;

  @Option(
      names = "--heads",
      paramLabel = "mean|all|N",
      description = "The mean of a layer's heads, each of them, or one (default: as --layers).")
  private @Nullable String heads;

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description = {
        "raw: the weights; relative: over the mean of the caption's words; contrast: over a generic instruction",
        "(default: as measured with the layers, or relative)."
      })
  private @Nullable String view;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = {
        "The folder to write (default: attention/, or attention/captioner/ for the captioner, and the picture's name,"
            + " with 8 digits of its SHA-256 after it where something else has the folder). What an earlier run wrote there is replaced;"
            + " a folder with anything else is refused."
      })
  private @Nullable Path output;

  private String sha256 = "";
  private Path folder = USUAL;

  /**
   * Reads the picture and checks the options and the folder, before a model is loaded.
   *
   * @param usual has the folders of this captioner's pictures where none is named
   * @throws IllegalArgumentException if an option is not what it should be
   * @throws IOException if the picture cannot be read
   */
  public RgbImage read(Path usual) throws IOException {
    view(AttentionDefault.UNMEASURED);
    selection(AttentionDefault.UNMEASURED);
    requireCaption();
    AttentionOutputs.requireText();
    RgbImage picture = RgbImage.read(image);
    sha256 = ContentHash.of(image);
    folder = output == null ? usualFolder(usual) : output;
    requireOtherFolder();
    AttentionOutputs.requireFree(folder);
    return picture;
  }

  /** One folder a picture: two pictures of one name do not replace each other's. */
  private Path usualFolder(Path all) {
    String stem = FileStem.of(image);
    Path own = all.resolve(stem);
    return AttentionOutputs.isFreeFor(own, sha256)
        ? own
        : all.resolve(stem + "-" + sha256.substring(0, HASH_DIGITS));
  }

  /** The folder is written whole: a picture in it would be gone, whatever its name. */
  private void requireOtherFolder() throws IOException {
    if (Files.isDirectory(folder) && image.toRealPath().startsWith(folder.toRealPath())) {
      throw new IllegalArgumentException(
          "--output is a folder that is written whole, but %s holds the picture %s; name another"
              .formatted(folder, image));
    }
  }

  private void requireCaption() {
    if (caption != null && caption.isBlank()) {
      throw new IllegalArgumentException(
          "--caption is a caption of one word or more, but it is blank; leave it out to generate one");
    }
  }

  /** How the maps are looked at: as asked for, or as is best with the layers looked at. */
  public MapView view(AttentionDefault fallback) {
    if (view != null) {
      return MapView.parse(view);
    }
    return layers == null && heads == null ? fallback.view() : MapView.RELATIVE;
  }

  /** Whether the attention under a generic instruction is needed. */
  public boolean wantsContrast() {
    return view(AttentionDefault.UNMEASURED) == MapView.CONTRAST;
  }

  /** How a caption is generated, or one that was given is read. */
  public GenerationConfig config(GenerationArguments generation) {
    return caption == null ? generation.toConfig() : generation.toConfigOf("--caption");
  }

  /** The caption to read, if one was given. */
  public Optional<String> caption() {
    return Optional.ofNullable(caption);
  }

  /** Which layers and heads are asked for, or the default. */
  public AttentionSelection selection(AttentionDefault fallback) {
    if (layers == null && heads == null) {
      return fallback.selection();
    }
    return AttentionSelection.parse(
        layers == null ? "all" : layers, heads == null ? "mean" : heads);
  }

  /**
   * Writes everything there is to see, and prints the caption and the page.
   *
   * @param captioner what captioned it
   * @param settings what else matters, by name
   * @param generic the attention under a generic instruction, if it was traced
   */
  public void write(
      AttendedCaption attended,
      RgbImage picture,
      AttendingCaptioner captioner,
      Map<String, String> settings,
      Optional<AttentionTrace> generic,
      PrintWriter out) {
    String name = String.valueOf(image.getFileName());
    AttentionOutputs.write(
        folder,
        attended,
        picture,
        AttentionSource.of(name, captioner.name(), settings).withSha256(sha256),
        view(captioner.defaultAttention()),
        generic);
    out.println(attended.caption());
    out.println(folder.resolve(AttentionOutputs.PAGE));
    out.flush();
  }
}
