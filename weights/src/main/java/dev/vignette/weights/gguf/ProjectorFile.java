package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.LanguageModelFile.Architectures;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides whether a file holds a vision tower with LLaVA-1.5's projector: llama.cpp's projector
 * type {@code mlp}, two matrices with a GELU between them, one square image. Any tower will do that
 * llama.cpp runs with it. Keys and what libmtmd does about them: llama.cpp v0.5.0,
 * tools/mtmd/clip.cpp and clip-impl.h.
 */
public final class ProjectorFile {

  private static final String GIVE_PROJECTOR =
      "Give the projector of a LLaVA-1.5, a file mostly named mmproj-model-f16.gguf or similar";
  private static final String PROJECTOR_TYPE = "clip.projector_type";
  private static final String MLP = "mlp";

  /** Most pixels of a side that libmtmd takes. */
  private static final int MAX_IMAGE_SIZE = 8192;

  /**
   * Texts, flags and numbers that libmtmd reads; it ends the process over one of the wrong type.
   */
  private static final List<String> TEXT_KEYS =
      List.of(
          "general.name", "general.description", PROJECTOR_TYPE, "clip.vision.mm_patch_merge_type");

  private static final List<String> FLAG_KEYS =
      List.of(
          "clip.has_audio_encoder", "clip.has_gen_audio_encoder", "clip.use_gelu", "clip.use_silu");

  private static final List<String> NUMBER_KEYS =
      List.of("clip.minicpmv_query_num", "clip.vision.attention.head_count_kv");

  private static final Set<String> RESAMPLINGS = Set.of("bilinear", "bicubic", "lanczos");

  private ProjectorFile() {}

  /**
   * Reads the header and the vectors of a projector's file and judges it.
   *
   * @throws InvalidModelFileException if the file is missing, damaged, cut off, or not a projector
   *     such as LLaVA-1.5's
   */
  public static ProjectorInfo check(Path path) {
    return check(GgufFile.read(path));
  }

  static ProjectorInfo check(GgufFile file) {
    requireVisionTower(file);
    requireMlp(file);
    requireTypes(file);
    Metadata metadata = file.metadata();
    int patchSize = metadata.requireUint32("clip.vision.patch_size", 1, MAX_IMAGE_SIZE);
    ProjectorInfo info =
        new ProjectorInfo(
            file.path(),
            MLP,
            file.name(),
            metadata.requireUint32("clip.vision.image_size", patchSize, MAX_IMAGE_SIZE),
            patchSize,
            channels(file, "clip.vision.image_mean", true),
            channels(file, "clip.vision.image_std", false),
            metadata.int32s("clip.vision.feature_layer"),
            file.tensors().containsKey("v.class_embd"),
            resampling(file),
            towerWidth(file),
            metadata.requireUint32("clip.vision.block_count", 1, Integer.MAX_VALUE),
            ProjectorTensors.embeddingLength(file),
            file.quantization(),
            file.fileBytes());
    requireFeatureLayers(info);
    new ProjectorTensors(file, info).check();
    StoredTensors.requireFinite(file);
    return info;
  }

  private static Optional<String> resampling(GgufFile file) {
    Optional<String> name = file.metadata().text(ProjectorInfo.RESAMPLING_KEY);
    if (name.isPresent() && !RESAMPLINGS.contains(name.get())) {
      throw refusal(
          file,
          "sets '%s' to %s; bilinear, bicubic and lanczos are known"
              .formatted(ProjectorInfo.RESAMPLING_KEY, quoted(name.get())),
          "Convert the model again");
    }
    return name;
  }

  private static void requireVisionTower(GgufFile file) {
    String architecture = file.architecture();
    if (!architecture.equals(Architectures.CLIP)) {
      throw refusal(
          file,
          "is not a projector (mmproj): its architecture is %s, but a projector's is 'clip'"
              .formatted(quoted(architecture)),
          Architectures.obstacle(architecture).isEmpty()
              ? "It is a language model: give it as that, and LLaVA's mmproj file as the projector"
              : GIVE_PROJECTOR);
    }
    Metadata metadata = file.metadata();
    if (!metadata.flag("clip.has_vision_encoder").orElse(false)) {
      boolean audio = metadata.flag("clip.has_audio_encoder").orElse(false);
      throw refusal(
          file,
          audio
              ? "holds an audio encoder and no vision encoder"
              : "holds no vision encoder ('clip.has_vision_encoder')",
          GIVE_PROJECTOR);
    }
    if (SplitModel.partCount(file) > 1) {
      throw refusal(
          file,
          "is a part of a split file, but a projector must be whole",
          "Merge it with llama.cpp's llama-gguf-split");
    }
  }

  private static void requireMlp(GgufFile file) {
    Metadata metadata = file.metadata();
    String type = metadata.text(PROJECTOR_TYPE).orElse("");
    if (type.isEmpty()) {
      type = metadata.text("clip.vision.projector_type").orElse("");
    }
    if (type.isEmpty() && metadata.flag("clip.has_llava_projector").orElse(false)) {
      type = MLP; // files of 2023; native/patches lets llama.cpp see it so too
    }
    if (type.isEmpty()) {
      throw refusal(
          file,
          "lacks the metadata key '%s', without which %s does not load it"
              .formatted(PROJECTOR_TYPE, Architectures.LLAMA_CPP),
          "Get a newer file of the same projector, or convert it anew");
    }
    if (!type.equals(MLP)) {
      throw refusal(
          file,
          "has a projector of type %s; only LLaVA-1.5's, 'mlp', can be used"
              .formatted(quoted(type)),
          GIVE_PROJECTOR);
    }
    if (file.tensors().containsKey("mm.3.weight")) {
      throw refusal(
          file,
          "has a projector with layer norms (Yi-VL); only LLaVA-1.5's can be used",
          GIVE_PROJECTOR);
    }
    if (!metadata.int32s("clip.vision.image_grid_pinpoints").isEmpty()) {
      throw refusal(
          file,
          "cuts images into tiles (LLaVA-1.6); only LLaVA-1.5, which sees one square, can be used",
          GIVE_PROJECTOR);
    }
  }

  private static void requireTypes(GgufFile file) {
    Metadata metadata = file.metadata();
    TEXT_KEYS.forEach(metadata::text);
    FLAG_KEYS.forEach(metadata::flag);
    NUMBER_KEYS.forEach(metadata::uint32);
    metadata.int32("clip.minicpmv_version");
    metadata.requireUint32("clip.vision.feed_forward_length", 0, Integer.MAX_VALUE);
    metadata.requireUint32("clip.vision.projection_dim", 0, Integer.MAX_VALUE);
    if (metadata
        .float32("clip.vision.attention.layer_norm_epsilon")
        .filter(Float::isFinite)
        .isEmpty()) {
      throw refusal(file, "lacks a finite 'clip.vision.attention.layer_norm_epsilon'", DAMAGED);
    }
    metadata.requireFinite("clip.vision.", Set.of("attention.layer_norm_epsilon"));
    if (metadata.flag("clip.use_gelu").orElse(false)
        && metadata.flag("clip.use_silu").orElse(false)) {
      throw refusal(
          file, "sets both 'clip.use_gelu' and 'clip.use_silu'; only one can be", DAMAGED);
    }
  }

  private static List<Float> channels(GgufFile file, String key, boolean mayBeZero) {
    List<Float> values = file.metadata().float32s(key);
    boolean valid = values.size() == 3;
    for (float value : values) {
      valid &= Float.isFinite(value) && (mayBeZero || value != 0);
    }
    if (!valid) {
      throw refusal(
          file,
          "sets '%s' to %s; it must be three finite numbers%s"
              .formatted(key, values, mayBeZero ? "" : " other than 0"),
          DAMAGED);
    }
    return values;
  }

  private static int towerWidth(GgufFile file) {
    Metadata metadata = file.metadata();
    int width = metadata.requireUint32("clip.vision.embedding_length", 1, Integer.MAX_VALUE);
    int heads = metadata.requireUint32("clip.vision.attention.head_count", 1, width);
    if (width % heads != 0) {
      throw refusal(
          file,
          "divides a tower of width %s among %s heads, which leaves a rest"
              .formatted(number(width), number(heads)),
          DAMAGED);
    }
    long headWidth = metadata.uint32("clip.vision.attention.head_dim").orElse(width / heads);
    if (headWidth != width / heads && headWidth != 0) {
      throw refusal(
          file,
          "has heads of width %s in a tower of width %s with %s heads"
              .formatted(number(headWidth), number(width), number(heads)),
          DAMAGED);
    }
    return width;
  }

  private static void requireFeatureLayers(ProjectorInfo info) {
    for (int layer : info.featureLayers()) {
      if (layer < 0 || layer > info.blockCount()) {
        throw new InvalidModelFileException(
            info.file(),
            "takes features from layer %d of a tower of %s blocks"
                .formatted(layer, number(info.blockCount())),
            DAMAGED);
      }
    }
  }

  private static InvalidModelFileException refusal(GgufFile file, String problem, String remedy) {
    return new InvalidModelFileException(file.path(), problem, remedy);
  }

  /**
   * What a projector's file (mmproj), which holds the vision tower and the projector, says of them.
   *
   * @param projectorType llama.cpp's name of the kind of projector, {@code mlp} for LLaVA-1.5
   * @param name the model's own name, or the file's
   * @param imageSize width and height of the image it sees, pixels
   * @param patchSize width and height of a patch, pixels
   * @param mean what is subtracted from red, green and blue in 0..1
   * @param std what red, green and blue are then divided by
   * @param featureLayers the tower's layers whose output is projected; empty in older files, which
   *     do not name them
   * @param hasClassEmbedding whether an embedding of no patch stands before the patches': CLIP's
   *     tower has one, SigLIP's none
   * @param resampling how pictures are resized for it, such as {@code lanczos}, where the file says
   *     so: a key of Vignette's own
   * @param towerWidth width of the tower's embeddings
   * @param blockCount transformer blocks of the tower that are in the file
   * @param embeddingLength width of the embeddings it makes, which is the language model's
   * @param quantization such as {@code F16}
   * @param fileBytes size of the file
   */
  public record ProjectorInfo(
      Path file,
      String projectorType,
      String name,
      int imageSize,
      int patchSize,
      List<Float> mean,
      List<Float> std,
      List<Integer> featureLayers,
      boolean hasClassEmbedding,
      Optional<String> resampling,
      int towerWidth,
      int blockCount,
      int embeddingLength,
      String quantization,
      long fileBytes) {

    /** The key for {@link #resampling}. */
    public static final String RESAMPLING_KEY = "vignette.image.resampling";

    public ProjectorInfo {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      featureLayers = List.copyOf(featureLayers);
    }

    /** Whether the file names the layers whose output is projected; llama.cpp guesses otherwise. */
    public boolean namesFeatureLayers() {
      return !featureLayers.isEmpty();
    }

    /** Patches of a side; what is left of the image right and below is not seen. */
    public int patchesOfSide() {
      return imageSize / patchSize;
    }

    /** Embeddings it makes of one image: one for each patch. */
    public int imageTokens() {
      return patchesOfSide() * patchesOfSide();
    }

    /**
     * Refuses a language model that this projector was not made for, as far as widths tell.
     *
     * @throws InvalidModelFileException naming both widths
     */
    public void requireFits(LanguageModelInfo model) {
      if (embeddingLength != model.embeddingLength()) {
        throw new InvalidModelFileException(
            file,
            "makes embeddings of width %s, but the language model %s takes width %s"
                .formatted(
                    Wording.number(embeddingLength),
                    model.file(),
                    Wording.number(model.embeddingLength())),
            "Give the projector and the language model of one LLaVA (7B: width 4,096, 13B: 5,120)");
      }
    }
  }
}
