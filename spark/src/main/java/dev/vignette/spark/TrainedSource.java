package dev.vignette.spark;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.ImageEncoder;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captions.isolated.IsolatedModel;
import dev.vignette.captions.isolated.IsolatedWorker;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.Precision;
import dev.vignette.torch.TimmVit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A trained captioner. It computes in float32 wherever it runs, so that all executors and the
 * driver mean the same captions.
 *
 * @param adapter the folder of its adapter
 * @param encoder the folder of its timm model; null where it was in training
 * @param decoder the folder of its GPT-2; null where it was in training
 * @param config how tokens are chosen
 */
record TrainedSource(
    String adapter, @Nullable String encoder, @Nullable String decoder, GenerationConfig config)
    implements CaptionerSource {

  private Path folder() {
    return ModelPath.find("the adapter", adapter);
  }

  private AdapterFolder.Origin origin() throws IOException {
    return trained().moved(movedEncoder(), movedDecoder());
  }

  private AdapterFolder.Origin trained() throws IOException {
    return AdapterFolder.Origin.read(folder());
  }

  private @Nullable Path movedEncoder() throws IOException {
    return moved("the encoder", encoder, trained().encoder());
  }

  private @Nullable Path movedDecoder() throws IOException {
    return moved("the decoder", decoder, trained().decoder());
  }

  /** Where a model is here; null where it was in training. */
  private static @Nullable Path moved(String what, @Nullable String place, Path trained) {
    return place == null && Files.exists(trained)
        ? null
        : ModelPath.find(what, place == null ? trained.toString() : place);
  }

  private static @Nullable String path(@Nullable Path file) {
    return file == null ? null : file.toString();
  }

  @Override
  public List<Path> files() {
    try {
      AdapterFolder.Origin origin = origin();
      return List.of(folder(), origin.encoder(), origin.decoder());
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  private ModelFingerprint modelFingerprint() throws IOException {
    return VitGpt2Captioner.fingerprint(folder(), origin(), config, Precision.FP32);
  }

  @Override
  public String fingerprint() {
    try {
      return RunSettings.defaults().withReading(modelFingerprint()).hash();
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  private UncheckedIOException unreadable(IOException failure) {
    return new UncheckedIOException(
        "The captioner '%s' cannot be read: %s".formatted(adapter, failure), failure);
  }

  private VitGpt2Captioner load() throws IOException {
    return VitGpt2Captioner.load(folder(), origin(), config, PrecisionChoice.FP32);
  }

  @Override
  public OpenCaptioner<?> open(ComputePlace place) {
    try {
      VitGpt2Captioner captioner = load();
      return OpenCaptioner.of(captioner, captioner);
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  @Override
  public OpenCaptioner<?> openApart(ComputePlace place) {
    try {
      TrainedSource here =
          new TrainedSource(
              folder().toString(), path(movedEncoder()), path(movedDecoder()), config);
      Apart workers =
          new Apart(
              ModelProcess.environment(here, place),
              ImageEncoder.preprocessor(TimmVit.describe(origin().encoder())),
              modelFingerprint());
      return OpenCaptioner.of(workers, ModelProcess.NOTHING_OPEN);
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  /** A captioner in a process of its own. */
  private record Apart(
      Map<String, String> environment,
      PixelPreprocessor preprocessor,
      ModelFingerprint modelFingerprint)
      implements CaptionWorkers<float[]> {

    @Override
    public float[] prepare(RgbImage image) {
      return preprocessor.pixelsChw(image);
    }

    @Override
    public ModelFingerprint fingerprint(String setting) {
      return modelFingerprint;
    }

    @Override
    public CaptionWorker<float[]> open(int number) {
      ProcessBuilder process = new ProcessBuilder(ModelProcess.command());
      process.environment().putAll(environment);
      return new IsolatedWorker<>(process, VitGpt2Captioner.BATCH, VitGpt2Captioner.PIPE);
    }
  }

  @Override
  public void serve(ComputePlace place, InputStream in) throws IOException {
    try (IsolatedModel served = IsolatedModel.begin();
        VitGpt2Captioner captioner = load()) {
      served.serve(captioner, VitGpt2Captioner.PIPE, in);
    }
  }
}
