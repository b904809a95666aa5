package dev.vignette.llava;

import dev.vignette.captions.isolated.IsolatedWorker;
import dev.vignette.captions.isolated.IsolatedWorker.PreparedImagePipe;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.RgbImage;
import dev.vignette.weights.gguf.ModelFiles;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A LLaVA with one instruction and one configuration, opened in processes of their own, so that an
 * image that ends it does not end the run.
 */
public final class IsolatedLlava implements CaptionWorkers<RgbImage> {
  /** Width and height, then the pixels. */
  public static final PreparedImagePipe<RgbImage> PIPE =
      new PreparedImagePipe<>() {
        @Override
        public void write(RgbImage prepared, DataOutputStream out) throws IOException {
          out.writeInt(prepared.width());
          out.writeInt(prepared.height());
          out.write(prepared.rgb());
        }

        @Override
        public RgbImage read(DataInputStream in) throws IOException {
          int width = in.readInt();
          int height = in.readInt();
          byte[] rgb = new byte[3 * width * height];
          in.readFully(rgb);
          return new RgbImage(width, height, rgb);
        }
      };

  private final List<String> command;
  private final IntFunction<Map<String, String>> environment;
  private final int processes;
  private final int size;
  private final PixelPreprocessor preprocessor;
  private final ModelFingerprint fingerprint;
  private final LlavaModel.Stamp stamp;

  /**
   * @param command starts a process that serves {@link LlavaWorkers} with the same setting by
   *     {@link #PIPE}
   * @param environment variables for the process of a number, from 0
   * @param processes how many there are, 1 or more
   * @param size images that each has in hand at once, 1 or more
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file of the model is not
   *     what it should be
   */
  public IsolatedLlava(
      List<String> command,
      IntFunction<Map<String, String>> environment,
      int processes,
      int size,
      LlavaOptions options,
      CaptionSetting setting) {
    this.command = List.copyOf(command);
    this.environment = environment;
    this.processes = processes;
    this.size = size;
    this.stamp = LlavaModel.Stamp.of(options);
    LlavaConventions conventions =
        LlavaConventions.of(options, ModelFiles.check(options.model(), options.projector()));
    this.preprocessor = conventions.preprocessor();
    this.fingerprint = setting.addTo(conventions.fingerprint(options));
  }

  @Override
  public RgbImage prepare(RgbImage image) {
    return preprocessor.frame(image);
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return fingerprint;
  }

  @Override
  public Optional<String> changed() {
    return stamp.changed();
  }

  @Override
  public int count() {
    return processes;
  }

  @Override
  public int capacity() {
    return size;
  }

  /**
   * Starts a process. The first opens its model with the first image, others at once: a run goes on
   * without one that cannot.
   */
  @Override
  public CaptionWorker<RgbImage> open(int number) {
    ProcessBuilder process = new ProcessBuilder(command);
    process.environment().putAll(environment.apply(number));
    IsolatedWorker<RgbImage> worker = new IsolatedWorker<>(process, size, PIPE);
    return number == 0 ? worker : worker.opened();
  }
}
