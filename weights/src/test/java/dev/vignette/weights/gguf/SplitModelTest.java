package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of three parts: the first without tensors, as llama.cpp's splitter can make it. */
class SplitModelTest {

  @TempDir private Path folder;

  private static GgufFixture part(GgufFixture writer, int number) {
    return writer
        .uint16("split.no", number)
        .uint16("split.count", 3)
        .int32("split.tensors.count", 2);
  }

  private static GgufFixture part(int number) {
    return part(new GgufFixture(), number).tensor("part" + number, GgufFixture.Storage.F32, 64);
  }

  private Path path(int number) {
    return folder.resolve("llava-0000" + number + "-of-00003.gguf");
  }

  private void assertRefused(Path path, String subject, String problem, String remedy) {
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> LanguageModelFile.check(path))
        .withMessageStartingWith(subject + " ")
        .withMessageContaining(problem)
        .withMessageContaining(remedy);
  }

  @BeforeEach
  void writeParts() {
    part(SampleFiles.languageModel().withoutTensors(), 0).write(path(1));
    part(1).write(path(2));
    part(2).write(path(3));
  }

  @Test
  void aModelWhosePartsAreAllThereIsTakenAsOne() throws IOException {
    LanguageModelInfo info = LanguageModelFile.check(path(1));

    assertThat(info.file()).isEqualTo(path(1));
    assertThat(info.fileBytes())
        .isEqualTo(Files.size(path(1)) + Files.size(path(2)) + Files.size(path(3)));
  }

  @Test
  void missingPartsAreNamed() throws IOException {
    Files.delete(path(2));

    assertRefused(
        path(1),
        path(1).toString(),
        "is part 1 of 3 of a split model, but beside it these are missing: llava-00002-of-00003.gguf.",
        "into the same folder");
  }

  @Test
  void anotherPartThanTheFirstIsRefusedNamingTheFirst() {
    Path second = part(SampleFiles.languageModel(), 1).write(path(2));

    assertRefused(
        second, second.toString(), "is part 2 of 3 of a split model", "Give " + path(1) + ".");
  }

  @Test
  void aRenamedPartIsRefusedNamingTheRightEnding() throws IOException {
    Path renamed = Files.move(path(1), folder.resolve("llava.gguf"));

    assertRefused(
        renamed, renamed.toString(), "does not end in -00001-of-00003.gguf", "original names");
  }

  @Test
  void aPartThatIsCutOffIsNamed() {
    part(2).cutTo(-100).write(path(3));

    assertRefused(path(1), path(3).toString(), "is cut off: it ends at byte", "again");
  }

  @Test
  void aPartWithAnotherPartsNameIsNamed() throws IOException {
    Files.copy(path(2), Files.createDirectory(folder.resolve("x")).resolve("2"));
    Files.delete(path(3));
    Files.move(path(2), path(3));
    Files.move(folder.resolve("x").resolve("2"), path(2));

    assertRefused(
        path(1), path(3).toString(), "has the name of part 3 but says it is part 2", "original");
  }

  @Test
  void partsOfDifferentModelsAreRefusedByTheNumberOfTensors() {
    part(2).tensor("more", GgufFixture.Storage.F32, 1).write(path(3));

    assertRefused(
        path(1), path(1).toString(), "says its parts hold 2 tensors, but they hold 3", "mixed");
  }

  @Test
  void aPartThatDoesNotSayWhichIsNamed() {
    part(1).without("split.no").write(path(2));

    assertRefused(path(1), path(2).toString(), "lacks the metadata key 'split.no'", "damaged");
  }

  @Test
  void aLaterPartThatSaysNoArchitectureIsRefusedNamingTheFirst() {
    assertRefused(
        path(2), path(2).toString(), "is part 2 of 3 of a split model", "Give " + path(1) + ".");
  }

  @Test
  void partsPutTogetherByCatAreToBeMerged() throws IOException {
    Path joined = folder.resolve("llava.gguf");
    for (int number = 1; number <= 3; number++) {
      Files.write(
          joined,
          Files.readAllBytes(path(number)),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }

    assertRefused(joined, joined.toString(), "put together by cat", "llama-gguf-split --merge");
  }
}
