package dev.vignette.llava;

import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.VisionProjector;
import dev.vignette.llama.Vocabulary;
import dev.vignette.llava.LlavaBatch.BatchShape;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A LLaVA's files, opened: pixels and text on their way in and out, and the weights that any number
 * of batches share.
 *
 * <p>Thread-safe. A batch belongs to the thread that opens it; closing the model while batches use
 * it is safe.
 */
public final class LlavaModel implements AutoCloseable {

  private final LlavaOptions options;
  private final ProjectorInfo tower;
  private final LlavaConventions conventions;
  private final Stamp stamp;
  private final LlamaModel model;
  private final int[] opening;
  private final int[] endTokens;

  private LlavaModel(LlavaOptions options, ModelFiles files, Stamp stamp, LlamaModel model) {
    this.options = options;
    this.stamp = stamp;
    this.tower = files.projector();
    this.model = model;
    this.conventions = LlavaConventions.of(options, files);
    this.opening = vocabulary().tokenize(conventions.template().beforeImage(), true, true);
    this.endTokens = vocabulary().endsOfGeneration();
  }

  /**
   * Opens the files.
   *
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be, or the two do not fit
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public static LlavaModel open(LlavaOptions options) {
    Stamp stamp = Stamp.of(options);
    ModelFiles files = ModelFiles.check(options.model(), options.projector());
    LlamaModel model = LlamaModel.load(options.model(), options.load());
    try {
      return new LlavaModel(options, files, stamp, model);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /** What it was opened with. */
  public LlavaOptions options() {
    return options;
  }

  /** What its captions depend on whatever the setting; reads both files, so ask once. */
  ModelFingerprint fingerprint() {
    return conventions.fingerprint(options);
  }

  /** Makes the tower's square of an image. May be called from any thread. */
  public RgbImage prepare(RgbImage image) {
    return conventions.preprocessor().frame(image);
  }

  /** Where the patches that the tower sees lie in an image. */
  PixelGeometry geometry(RgbImage image) {
    int side = tower.patchesOfSide() * tower.patchSize();
    return conventions.preprocessor().geometry(image.width(), image.height()).upTo(side);
  }

  /**
   * An image and what it is asked.
   *
   * @param prepared what {@link #prepare} made
   */
  public LlavaPrompt prompt(RgbImage prepared, String instruction) {
    return new LlavaPrompt(prepared, opening, tower.imageTokens(), tokens(instruction));
  }

  /** Tokens that follow the image where this is asked. */
  int instructionLength(String instruction) {
    return tokens(instruction).length;
  }

  private int[] tokens(String instruction) {
    return vocabulary().tokenize(conventions.template().afterImage(instruction), false, true);
  }

  /** The search that answers a prompt. */
  public CaptionSearch search(LlavaPrompt prompt, GenerationConfig config) {
    EndCondition end = new EndCondition(endTokens, config.stopStrings(), vocabulary()::detokenize);
    return CaptionSearch.of(config, prompt.ruleTokens(), vocabulary().size(), end);
  }

  /** A hypothesis' caption, without the space around it and without a stop string that ended it. */
  public String text(Hypothesis hypothesis, GenerationConfig config) {
    String text = vocabulary().detokenize(hypothesis.tokens());
    for (String stop : config.stopStrings()) {
      int at = text.indexOf(stop);
      text = at < 0 ? text : text.substring(0, at);
    }
    return text.strip();
  }

  /**
   * Opens a batch on the calling thread, with a vision tower of its own.
   *
   * @param prompts beside each other, 1 or more
   * @param settings all that will be asked: they say how long prompts and captions get
   * @throws LlavaPrompt.PromptTooLongException if one of them is longer than the model was trained
   *     on
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails, such as for want of memory
   */
  public LlavaBatch batch(int prompts, List<CaptionSetting> settings) {
    return LlavaBatch.ofMany(this, shape(prompts, settings));
  }

  private BatchShape shape(int prompts, List<CaptionSetting> settings) {
    int instruction = 0;
    int newTokens = 1;
    int beams = 1;
    for (CaptionSetting setting : settings) {
      instruction = Math.max(instruction, instructionLength(setting.instruction()));
      newTokens = Math.max(newTokens, setting.config().maxNewTokens());
      beams = Math.max(beams, setting.config().numBeams());
    }
    return new BatchShape(prompts, instruction, newTokens, beams);
  }

  /** Whether it computes on a GPU: one was allowed, and the build sees one. */
  boolean isOnGpu() {
    DeviceRequest device = options.load().device();
    return !(device instanceof DeviceRequest.Cpu) && !LlamaRuntime.load(device).gpus().isEmpty();
  }

  /** Loads a vision tower on the calling thread. */
  VisionProjector openProjector() {
    return VisionProjector.load(options.projector(), tower.imageSize(), model, options.threads());
  }

  /** What its files looked like when it was opened. */
  Stamp stamp() {
    return stamp;
  }

  int[] opening() {
    return opening;
  }

  /** Places an image takes in a prompt. */
  int imageTokens() {
    return tower.imageTokens();
  }

  Vocabulary vocabulary() {
    return model.vocabulary();
  }

  LlamaModel weights() {
    return model;
  }

  @Override
  public void close() {
    model.close();
  }

  /**
   * What a model's files looked like when it was opened. llama.cpp maps them: whoever writes over
   * one changes the model while it captions.
   */
  record Stamp(List<Path> files, List<String> seen) {
    /** What the files of {@code options} look like now. */
    static Stamp of(LlavaOptions options) {
      List<Path> files = List.of(options.model(), options.projector());
      return new Stamp(files, look(files));
    }

    private static List<String> look(List<Path> files) {
      List<String> seen = new ArrayList<>();
      for (Path file : files) {
        seen.add(look(file));
      }
      return seen;
    }

    private static String look(Path file) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
      } catch (IOException failure) {
        return failure.getClass().getSimpleName();
      }
    }

    /** Says which file is no longer the same; empty while all are. */
    Optional<String> changed() {
      for (int i = 0; i < files.size(); i++) {
        if (!look(files.get(i)).equals(seen.get(i))) {
          return Optional.of(
              "%s changed while the model was in use, and what it said since may be of neither. Captions from before that are kept: put the file back, or run the same command again with the one that is there."
                  .formatted(files.get(i)));
        }
      }
      return Optional.empty();
    }
  }
}
