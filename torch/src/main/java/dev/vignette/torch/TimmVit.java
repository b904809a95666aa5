package dev.vignette.torch;

import static dev.vignette.torch.TransformerRules.MOST_BLOCKS;
import static dev.vignette.torch.TransformerRules.MOST_CHANNELS;
import static dev.vignette.torch.TransformerRules.MOST_PIXELS;

import ai.djl.ndarray.types.Shape;
import dev.vignette.weights.ModelFolder;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A timm vision transformer of the CLIP family as published: {@code config.json} and {@code
 * model.safetensors} (or {@code pytorch_model.bin}) in a folder.
 *
 * @param architecture timm's name
 * @param shape of the transformer
 * @param mean of each channel, subtracted from pixels in [0, 1]
 * @param std of each channel, dividing them
 * @param weightFile the weights
 */
public record TimmVit(
    String architecture, VisionShape shape, List<Float> mean, List<Float> std, Path weightFile) {
  /** timm 1.0.29, vision_transformer.py: width, depth, heads, hidden of the CLIP models. */
  private enum Size {
    BASE(768, 12, 12, 3072),
    LARGE(1024, 24, 16, 4096),
    HUGE(1280, 32, 16, 5120),
    GIANT(1408, 40, 16, 6144),
    GIGANTIC(1664, 48, 16, 8192);

    final int width;
    final int depth;
    final int heads;
    final int hidden;

    Size(int width, int depth, int heads, int hidden) {
      this.width = width;
      this.depth = depth;
      this.heads = heads;
      this.hidden = hidden;
    }
  }

  private static final Pattern NAME =
      Pattern.compile(
          "vit_(base|large|huge|giant|gigantic)_patch(\\d{1,4})_clip(_quickgelu)?_(\\d{1,4})(\\..*)?");
  private static final String REMEDY = "copy it again from the published model";
  private static final String STD = "std";
  private static final double EPSILON = 1e-5;
  private static final double MOST_RATIO = 64;
  private static final List<Float> CLIP_MEAN = List.of(0.48145466f, 0.4578275f, 0.40821073f);
  private static final List<Float> CLIP_STD = List.of(0.26862954f, 0.26130258f, 0.27577711f);

  /**
   * Reads a folder's configuration; the weights are not touched.
   *
   * @throws IllegalArgumentException when the architecture is not of the CLIP family
   */
  public static TimmVit describe(Path folder) throws IOException {
    Path configFile = folder.resolve("config.json");
    if (!Files.isRegularFile(configFile)) {
      ModelFolder.requireEntry(folder);
      throw new IllegalArgumentException(
          "%s has no config.json; give the folder of a timm model".formatted(folder));
    }
    JsonSettings config = JsonSettings.read(configFile, REMEDY);
    String architecture = config.text("architecture");
    JsonSettings pretrained = config.below("pretrained_cfg");
    return new TimmVit(
        architecture,
        shape(architecture, config.below("model_args")),
        channels(pretrained, "mean", CLIP_MEAN),
        channels(pretrained, STD, CLIP_STD),
        weightFile(folder));
  }

  /** A CLIP vision transformer by timm's name alone; it has a shape, but no weights to load. */
  public static TimmVit named(String architecture) {
    return new TimmVit(
        architecture,
        shape(
            architecture,
            new JsonSettings(
                Path.of(architecture), "", JsonMapper.shared().createObjectNode(), REMEDY)),
        CLIP_MEAN,
        CLIP_STD,
        Path.of("model.safetensors"));
  }

  /** The weight file of a published folder: safetensors when there, otherwise PyTorch's. */
  public static Path weightFile(Path folder) {
    Path pickled = folder.resolve("pytorch_model.bin");
    return Files.isRegularFile(pickled) && !Files.exists(folder.resolve("model.safetensors"))
        ? pickled
        : folder.resolve("model.safetensors");
  }

  private static VisionShape shape(String architecture, JsonSettings arguments) {
    Matcher name = NAME.matcher(architecture);
    if (name.matches()) {
      Size size = Size.valueOf(name.group(1).toUpperCase(Locale.ROOT));
      int side = arguments.size("img_size", Integer.parseInt(name.group(4)), MOST_PIXELS);
      return arguments.made(() ->
          new VisionShape(
              side,
              Integer.parseInt(name.group(2)),
              size.width,
              size.depth,
              size.heads,
              size.hidden,
              name.group(3) == null ? Activation.GELU : Activation.QUICK_GELU,
              EPSILON));
    }
    if (!arguments.flag("pre_norm", false)) {
      throw new IllegalArgumentException(
          ("%s has the architecture %s, which is not supported: give a CLIP vision transformer of"
                  + " timm (vit_{base,large,huge,giant,gigantic}_patchN_clip[_quickgelu]_N, or"
                  + " model_args with pre_norm)")
              .formatted(arguments.file(), architecture));
    }
    int width = arguments.size("embed_dim", MOST_CHANNELS);
    double ratio = arguments.positive("mlp_ratio", 4, MOST_RATIO);
    int side = arguments.size("img_size", MOST_PIXELS);
    int patch = arguments.size("patch_size", MOST_PIXELS);
    int depth = arguments.size("depth", MOST_BLOCKS);
    int heads = arguments.size("num_heads", MOST_CHANNELS);
    return arguments.made(() ->
        new VisionShape(
            side,
            patch,
            width,
            depth,
            heads,
            (int) (width * ratio),
            architecture.contains("quickgelu") ? Activation.QUICK_GELU : Activation.GELU,
            EPSILON));
  }

  private static List<Float> channels(JsonSettings settings, String name, List<Float> otherwise) {
    if (!settings.has(name)) {
      return otherwise;
    }
    JsonNode node = settings.node().path(name);
    boolean valid =
        node.isArray()
            && node.size() == otherwise.size()
            && node.valueStream().allMatch(JsonNode::isNumber);
    List<Float> values = valid ? node.valueStream().map(n -> number(n)).toList() : List.of();
    if (values.isEmpty() || !values.stream().allMatch(value -> isUsable(name, value))) {
      throw new IllegalArgumentException(
          "%s has %s %s, and it must be %d finite numbers%s; %s"
              .formatted(
                  settings.file(),
                  name,
                  node,
                  otherwise.size(),
                  name.equals(STD) ? " > 0" : "",
                  settings.remedy()));
    }
    return values;
  }

  private static float number(JsonNode node) {
    return Float.parseFloat(node.asString());
  }

  private static boolean isUsable(String name, float value) {
    return Float.isFinite(value) && (value > 0 || !name.equals(STD));
  }

  /** Elements of all weights of the transformer, its classification head left out. */
  public long parameterCount() {
    return VisionLayout.TIMM.shapes(shape).values().stream().mapToLong(Shape::size).sum();
  }

  /**
   * Loads the transformer; the head is not read.
   *
   * @param precision of linear maps and attention
   * @throws WeightsException when the file does not hold this architecture
   */
  public VisionTransformer load(Precision precision) throws IOException {
    Weights.Table table =
        new Weights.Table(
            architecture, VisionLayout.TIMM.shapes(shape), name -> name.startsWith("head."), "");
    return VisionTransformer.load(
        shape, Weights.checked(TensorFile.open(weightFile), table), VisionLayout.TIMM, precision);
  }
}
