package dev.vignette.llava.convert;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.images.PixelPreprocessor.Resampling;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.Quantizer;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.TensorPlan.Planned;
import dev.vignette.weights.TensorShape;
import dev.vignette.weights.gguf.GgufWriter;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import dev.vignette.weights.gguf.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts a LLaVA as Hugging Face publishes it into the two files that llama.cpp reads. Everything
 * is read and checked before anything is written; both files appear whole or not at all.
 */
public final class LlavaConversion {

  private final ConversionRequest request;
  private final ConversionListener listener;
  private final LlavaConfig config;
  private final TokenTable tokens;
  private final ImageStatistics statistics;
  private final LlavaWeights weights;
  private final List<Planned> language;
  private final List<Planned> projector;

  private LlavaConversion(ConversionRequest request, ConversionListener listener)
      throws IOException {
    this.request = request;
    this.listener = listener;
    config = LlavaConfig.read(request.folder(), request.tower());
    tokens = TokenizerFiles.read(request.folder(), config);
    statistics = ImageStatistics.read(request.tower().orElse(request.folder()), config.tower());
    weights = LlavaWeights.open(request.folder(), request.tower());
    language = TensorPlan.language(config.language());
    projector = TensorPlan.projector(config);
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    language.forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    projector.forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    weights.check(shapes, config.featureLayer());
  }

  /**
   * Converts a model: {@code NAME-TYPE.gguf} and {@code NAME-mmproj-f16.gguf} in the output folder.
   * Types that llama.cpp quantizes to are made from a temporary file in the weights' own type,
   * which the listener hears of.
   *
   * @throws ConversionException when it is no model that can be converted, or other files are in
   *     the way; nothing is written then
   * @throws dev.vignette.weights.WeightsException when its weights are missing, damaged or of
   *     another shape; nothing is written then
   * @throws IOException when a file cannot be read or written; what was being written is gone
   */
  public static ConvertedModel convert(ConversionRequest request, ConversionListener listener)
      throws IOException {
    return new LlavaConversion(request, listener).run();
  }

  private ConvertedModel run() throws IOException {
    QuantizationType type = request.type();
    TensorType direct = tensorType(type);
    TensorType projectorType = direct == TensorType.F32 ? TensorType.F32 : TensorType.F16;
    TensorType unquantized = direct == null ? ownType() : direct;
    if (direct == null) {
      LlamaRuntime.load(new DeviceRequest.Cpu()); // before the hour of work that needs it
    }
    GgufWriter projectorWriter = projectorWriter(projectorType);
    GgufWriter languageWriter = languageWriter(unquantized);
    Path folder = request.output();
    try (ProcessLock _ = OutputFolder.take(folder, request.name())) {
      return write(folder, languageWriter, unquantized, projectorWriter, projectorType);
    }
  }

  private ConvertedModel write(
      Path folder,
      GgufWriter languageWriter,
      TensorType unquantized,
      GgufWriter projectorWriter,
      TensorType projectorType)
      throws IOException {
    QuantizationType type = request.type();
    TensorType direct = tensorType(type);
    OutputFile projectorFile =
        OutputFile.in(
            folder,
            "%s-mmproj-%s.gguf"
                .formatted(request.name(), projectorType.name().toLowerCase(Locale.ROOT)),
            new OutputFile.Description("clip", request.name(), dimensions(projector)));
    OutputFile languageFile = languageFile(folder, type.name());
    deleteAbandoned(folder, languageFile.path(), projectorFile.path());
    long quantizedBytes =
        direct == null
            ? type.bytesFrom(languageWriter.byteSize(), ownType().blockBytes() * Byte.SIZE)
            : 0;
    OutputFolder.requireSpace(
        folder,
        projectorWriter.byteSize() + languageWriter.byteSize() + quantizedBytes,
        direct == null ? ", with the temporary file that is quantized" : "");
    Path staged = staged(projectorFile.path());
    try {
      write(projectorWriter, staged, "The projector", projectorFile.path());
      new FilesOfOneModel(request, folder)
          .requireTogether(staged, projectorFile.path(), languageFile.path(), unquantized);
      if (direct == null) {
        quantize(languageWriter, unquantized, languageFile.path(), folder);
      } else {
        write(languageWriter, languageFile.path(), "The language model", languageFile.path());
      }
      publish(staged, projectorFile.path());
    } finally {
      Files.deleteIfExists(staged);
    }
    ModelFiles.check(languageFile.path(), projectorFile.path());
    return new ConvertedModel(languageFile.path(), projectorFile.path());
  }

  /**
   * Where a file waits for the others, which take an hour: a conversion that is killed leaves no
   * files of two models under one name.
   */
  private static Path staged(Path file) {
    String name = String.valueOf(file.getFileName()).replaceAll("\\.gguf$", "");
    Path staged =
        file.resolveSibling(".%s.%d.gguf.tmp".formatted(name, ProcessHandle.current().pid()));
    staged.toFile().deleteOnExit();
    return staged;
  }

  private static void publish(Path staged, Path file) throws IOException {
    Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The type of a file's matrices that is written here; null for those that llama.cpp makes. */
  private static @Nullable TensorType tensorType(QuantizationType type) {
    return switch (type) {
      case F32 -> TensorType.F32;
      case F16 -> TensorType.F16;
      case BF16 -> TensorType.BF16;
      default -> null;
    };
  }

  /**
   * The type in which the token embeddings, and so all matrices, are stored: nothing is lost before
   * they are quantized.
   */
  private TensorType ownType() {
    LlavaWeights.Stored embeddings = weights.stored(language.getFirst().name());
    return switch (embeddings.file().info(embeddings.name()).type()) {
      case F16 -> TensorType.F16;
      case BF16 -> TensorType.BF16;
      default -> TensorType.F32;
    };
  }

  private OutputFile languageFile(Path folder, String type) throws IOException {
    Map<String, List<Long>> dimensions = dimensions(language);
    config
        .language()
        .ropeScaling()
        .ifPresent(
            _ -> dimensions.put("rope_freqs.weight", List.of(config.language().headWidth() / 2L)));
    return OutputFile.in(
        folder,
        "%s-%s.gguf".formatted(request.name(), type),
        new OutputFile.Description("llama", request.name(), dimensions));
  }

  private static Map<String, List<Long>> dimensions(List<Planned> tensors) {
    Map<String, List<Long>> dimensions = new LinkedHashMap<>();
    tensors.forEach(tensor -> dimensions.put(tensor.target(), reversed(tensor.shape())));
    return dimensions;
  }

  /** The sizes as GGUF has them, the fastest varying first. */
  private static List<Long> reversed(TensorShape shape) {
    return new ArrayList<>(shape.dimensions()).reversed();
  }

  /** What killed conversions of this name left, whatever type they were to. */
  private void deleteAbandoned(Path folder, Path... files) {
    Pattern names =
        Pattern.compile(
            "\\.{1,2}%s-[\\w-]+\\.(?:gguf\\.)?(\\d{1,18})\\.(?:gguf\\.)?tmp(?:\\.\\d+\\.tmp)?"
                .formatted(Pattern.quote(request.name())));
    Set<Path> folders = new LinkedHashSet<>(Set.of(folder));
    for (Path file : files) {
      folders.add(file.resolveSibling(""));
    }
    for (Path each : folders) {
      AtomicFile.deleteAbandoned(each, names);
      Quantizer.deleteAbandoned(each);
    }
  }

  private void quantize(GgufWriter writer, TensorType from, Path target, Path folder)
      throws IOException {
    boolean keeps = request.keepsUnquantized();
    Path kept =
        keeps
            ? languageFile(folder, from.name()).path()
            : folder.resolve("%s-%s.gguf".formatted(request.name(), from));
    Path unquantized = staged(kept);
    try {
      write(
          writer,
          unquantized,
          keeps ? "The language model" : "A temporary file, removed at the end",
          keeps ? kept : unquantized);
      listener.step(
          "Quantizing to %s on %d threads: %s"
              .formatted(request.type(), request.threads(), target));
      Quantizer.quantize(unquantized, target, request.type(), request.threads());
      if (keeps) {
        publish(unquantized, kept);
      }
    } finally {
      Files.deleteIfExists(unquantized);
    }
  }

  /** Writes a file that is called {@code shown} once all is there. */
  private void write(GgufWriter writer, Path file, String what, Path shown) throws IOException {
    long all = writer.byteSize();
    listener.step("%s, %s: %s".formatted(what, OutputFolder.megabytes(all), shown));
    try {
      writer.write(file, written -> listener.progress(written, all));
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new UnwritableFileException(
          "%s could not be written: %s; nothing of it is left".formatted(shown, reason(e)), e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private GgufWriter languageWriter(TensorType type) {
    LanguageShape shape = config.language();
    GgufWriter writer =
        new GgufWriter()
            .text("general.architecture", "llama")
            .text("general.name", request.name())
            .uint32("llama.context_length", shape.context())
            .uint32("llama.embedding_length", shape.width())
            .uint32("llama.block_count", shape.blocks())
            .uint32("llama.feed_forward_length", shape.hidden())
            .uint32("llama.attention.head_count", shape.heads())
            .uint32("llama.attention.head_count_kv", shape.keyHeads())
            .float32("llama.attention.layer_norm_rms_epsilon", shape.epsilon())
            .uint32("llama.rope.dimension_count", shape.headWidth())
            .float32("llama.rope.freq_base", shape.ropeBase())
            .uint32("llama.vocab_size", shape.vocabulary());
    if (shape.headWidth() * shape.heads() != shape.width()) {
      writer.uint32("llama.attention.key_length", shape.headWidth());
      writer.uint32("llama.attention.value_length", shape.headWidth());
    }
    writer.uint32("general.file_type", fileType(type));
    tokens.addTo(writer);
    addTensors(writer, language, type);
    shape
        .ropeScaling()
        .ifPresent(scaling -> {
          float[] divisors = scaling.divisors(shape.headWidth(), shape.ropeBase());
          ByteBuffer bytes =
              ByteBuffer.allocate(divisors.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(divisors);
          writer.tensor(
              "rope_freqs.weight",
              TensorType.F32,
              List.of((long) divisors.length),
              out -> out.write(bytes.duplicate()));
        });
    return writer;
  }

  /** The keys that libmtmd reads (llama.cpp v0.5.0, tools/mtmd/clip.cpp). */
  private GgufWriter projectorWriter(TensorType type) {
    TowerShape tower = config.tower();
    GgufWriter writer =
        new GgufWriter()
            .text("general.architecture", "clip")
            .flag("clip.has_vision_encoder", true)
            .flag("clip.has_text_encoder", false)
            .flag("clip.has_llava_projector", true)
            .text("clip.projector_type", "mlp")
            .flag("clip.use_gelu", tower.kind() == TowerShape.Kind.SIGLIP)
            .uint32("general.file_type", fileType(type))
            .uint32("clip.vision.image_size", tower.imageSize())
            .uint32("clip.vision.patch_size", tower.patchSize())
            .uint32("clip.vision.embedding_length", tower.width())
            .uint32("clip.vision.feed_forward_length", tower.hidden())
            .uint32("clip.vision.attention.head_count", tower.heads())
            .uint32("clip.vision.block_count", config.featureLayer())
            .uint32("clip.vision.projection_dim", config.language().width())
            .int32s("clip.vision.feature_layer", List.of(config.featureLayer()))
            .float32("clip.vision.attention.layer_norm_epsilon", tower.epsilon())
            .float32s("clip.vision.image_mean", statistics.mean())
            .float32s("clip.vision.image_std", statistics.deviation());
    if (tower.kind() == TowerShape.Kind.SIGLIP || statistics.resampling() != Resampling.BICUBIC) {
      writer.text(
          ProjectorInfo.RESAMPLING_KEY, statistics.resampling().name().toLowerCase(Locale.ROOT));
    }
    addTensors(writer, projector, type);
    return writer;
  }

  private void addTensors(GgufWriter writer, List<Planned> tensors, TensorType type) {
    for (Planned tensor : tensors) {
      TensorType target = tensor.matrix() ? type : TensorType.F32;
      writer.tensor(
          tensor.target(),
          target,
          reversed(tensor.shape()),
          new StoredContent(weights.stored(tensor.name()), target, tensor.heads()));
    }
  }

  /** llama.cpp's number of a file whose matrices are of one type (llama.h, llama_ftype). */
  private static int fileType(TensorType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case BF16 -> 32;
      default -> throw new IllegalArgumentException(type + " is not written here");
    };
  }

  /**
   * The two files that a conversion has written.
   *
   * @param languageModel for {@code --model}
   * @param projector for {@code --mmproj}
   */
  public record ConvertedModel(Path languageModel, Path projector) {}

  /** Is told how a conversion goes. */
  public interface ConversionListener {

    /** Hears nothing. */
    ConversionListener NONE =
        new ConversionListener() {
          @Override
          public void step(String sentence) {}

          @Override
          public void progress(long written, long all) {}
        };

    /** A step begins; the sentence says which, and what it writes where. */
    void step(String sentence);

    /** Of the file that the step writes, {@code written} of {@code all} bytes are there. */
    void progress(long written, long all);
  }

  /**
   * A model that cannot be converted. The message names the file, the rule, the value, the remedy.
   */
  public static final class ConversionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public ConversionException(String message) {
      super(message);
    }
  }
}
