package dev.vignette.weights.gguf;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.LanguageModelFile.Architectures;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.file.Path;

/** A language model and a projector that fit each other. */
public record ModelFiles(LanguageModelInfo languageModel, ProjectorInfo projector) {

  public ModelFiles {
    projector.requireFits(languageModel);
  }

  /**
   * Judges a language model alone, as {@link #check} does.
   *
   * @throws InvalidModelFileException if it cannot be used
   */
  public static LanguageModelInfo checkLanguageModel(Path languageModel) {
    GgufFile model = GgufFile.read(languageModel);
    LanguageModelInfo info = LanguageModelFile.check(model);
    SplitModel.files(model).forEach(StoredTensors::requireFilled);
    return info;
  }

  /**
   * Reads the headers of both files and judges each, and both together; looks whether there is
   * something in each matrix.
   *
   * @throws InvalidModelFileException if one cannot be used, they are given in each other's place,
   *     or their widths differ
   */
  public static ModelFiles check(Path languageModel, Path projector) {
    GgufFile model = GgufFile.read(languageModel);
    GgufFile mmproj = GgufFile.read(projector);
    if (model.architecture().equals(Architectures.CLIP)
        && Architectures.obstacle(mmproj.architecture()).isEmpty()) {
      throw new InvalidModelFileException(
          languageModel,
          "is the projector and "
              + projector
              + " the language model: they are given in each other's place",
          "Exchange the two");
    }
    ModelFiles files = new ModelFiles(LanguageModelFile.check(model), ProjectorFile.check(mmproj));
    SplitModel.files(model).forEach(StoredTensors::requireFilled);
    StoredTensors.requireFilled(mmproj);
    return files;
  }
}
