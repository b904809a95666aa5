package dev.vignette.llava;

import dev.vignette.captions.run.CaptionWorker;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.IsolatedWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.captions.run.PreparedImagePipe;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.RgbImage;
import dev.vignette.weights.gguf.ModelFiles;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * A LLaVA with one instruction and one configuration, opened in a process of its own, so that an
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
  private final String environment;
  private final PixelPreprocessor preprocessor;
  private final ModelFingerprint fingerprint;

  /**
   * @param command starts a process that serves {@link LlavaWorkers#of} with the same arguments by
   *     {@link #PIPE}
   * @param environment the name of a variable that is set to {@code 1} for it
   * @throws dev.vignette.weights.gguf.InvalidModelFileException if a file of the model is not what
   *     it should be
   */
  public IsolatedLlava(
      List<String> command,
      String environment,
      LlavaOptions options,
      String instruction,
      GenerationConfig config) {
    this.command = List.copyOf(command);
    this.environment = environment;
    this.preprocessor =
        LlavaConventions.of(options, ModelFiles.check(options.model(), options.projector()))
            .preprocessor();
    this.fingerprint = LlavaFingerprint.of(options).with(instruction, config);
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
  public CaptionWorker<RgbImage> open(int number) {
    ProcessBuilder process = new ProcessBuilder(command);
    process.environment().put(environment, "1");
    return new IsolatedWorker<>(process, 1, PIPE);
  }
}
