package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people give in place of a GGUF file: every kind is named, with what to do. */
class ForeignFormatTest {

  @TempDir private Path folder;

  /** Content of a file, one char a byte. */
  record Foreign(String kind, String content, String problem, String remedy) {
    @Override
    public String toString() {
      return kind;
    }
  }

  private static Stream<Foreign> texts() {
    return Stream.of(
        new Foreign("an empty file", "", "is empty: 0 bytes", "Download or copy it again."),
        new Foreign("three bytes", "abc", "too short to be a GGUF file: 3 bytes", "Download"),
        new Foreign(
            "a web page", "\n<!DOCTYPE html><html>..", "is a web page", "/resolve/ in it, not"),
        new Foreign(
            "a web page with a byte order mark",
            "\u00ef\u00bb\u00bf<html lang=en>",
            "is a web page",
            "/resolve/"),
        new Foreign(
            "a Git LFS pointer",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 4081004224\n",
            "is a Git LFS pointer, not the file of 4,081,004,224 bytes it stands for",
            "'git lfs pull'"),
        new Foreign(
            "a Git LFS pointer without a size",
            "version https://git-lfs.github.com/spec/v1\n",
            "not the file of unknown size",
            "'git lfs pull'"),
        new Foreign(
            "a text file",
            "{\"error\": \"Repository not found\"}\n",
            "is a text file, not a GGUF file; it begins '{\"error\": \"Repository not found\"}'",
            "the text may say why"));
  }

  private static Stream<Foreign> otherModels() {
    return Stream.of(
        new Foreign(
            "safetensors",
            "\u0010\0\0\0\0\0\0\0{\"a\":{\"dtype\":1}}",
            "but a safetensors file",
            "convert_hf_to_gguf.py"),
        new Foreign(
            "a PyTorch file", "PK\u0003\u0004\0\0", "PyTorch's .bin and .pth", "convert_hf"),
        new Foreign("an old PyTorch file", "\u0080\u0002\u008a\n", "Python pickle", "convert_hf"),
        new Foreign("an HDF5 file", "\u0089HDF\r\n\u001a\n", "HDF5", "convert_hf"),
        new Foreign("a GGML model", "lmgg\0\0\0\0", "GGML model", "August 2023"),
        new Foreign("a GGMF model", "fmgg\u0001\0\0\0", "GGMF model", "August 2023"),
        new Foreign("a GGJT model", "tjgg\u0003\0\0\0", "GGJT model", "August 2023"),
        new Foreign("a GGLA adapter", "algg\u0001\0\0\0", "GGLA adapter", "August 2023"),
        new Foreign("GGJT read the other way", "ggjt\0\0\0\0", "GGJT model", "August 2023"),
        new Foreign("a big-endian file", "FUGG\0\0\0\u0003", "big-endian", "little-endian"));
  }

  private static Stream<Foreign> otherFiles() {
    return Stream.of(
        new Foreign("a gzip archive", "\u001f\u008b\u0008\0", "compressed with gzip", "Unpack it"),
        new Foreign("a zstd archive", "(\u00b5/\u00fd\0", "compressed with zstd", "Unpack it"),
        new Foreign("an xz archive", "\u00fd7zXZ\0", "compressed with xz", "Unpack it"),
        new Foreign("a 7-Zip archive", "7z\u00bc\u00af'\u001c", "7-Zip archive", "Unpack it"),
        new Foreign("a PNG image", "\u0089PNG\r\n\u001a\n", "a PNG image", "in their own places"),
        new Foreign("a JPEG image", "\u00ff\u00d8\u00ff\u00e0", "a JPEG", "in their own places"),
        new Foreign("reserved space", "\0".repeat(9000), "begins with zeros", "Download it again."),
        new Foreign(
            "anything else",
            "\u0001\u0002\u00fe\u00ff\0\0",
            "begins with the bytes 01 02 fe ff, not with 'GGUF' (47 47 55 46)",
            "Give a model in GGUF format."));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"texts", "otherModels", "otherFiles"})
  void isNamedWithWhatToDo(Foreign foreign) throws IOException {
    Path path = folder.resolve("model.gguf");
    Files.writeString(path, foreign.content(), StandardCharsets.ISO_8859_1);

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> GgufFile.read(path))
        .withMessageStartingWith(path + " ")
        .withMessageContaining(foreign.problem())
        .withMessageContaining(foreign.remedy());
  }

  private void assertRefused(Path path, String problem, String remedy) {
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> GgufFile.read(path))
        .withMessageStartingWith(path + " ")
        .withMessageContaining(problem)
        .withMessageContaining(remedy);
  }

  @Test
  void aMissingFileIsNamedWithThoseBesideIt() {
    for (String name : new String[] {"d.gguf", "b.gguf", "c.gguf", "a.gguf", "a.txt"}) {
      SampleFiles.languageModel().write(folder.resolve(name));
    }

    assertRefused(
        folder.resolve("e.gguf"), "does not exist", "has a.gguf, b.gguf, c.gguf and 1 more.");
  }

  @Test
  void aMissingFileInAFolderWithoutModelsIsNamed() {
    assertRefused(folder.resolve("e.gguf"), "does not exist", "no file in " + folder);
  }

  @Test
  void aMissingFolderIsNamed() {
    Path nowhere = folder.resolve("nowhere");

    assertRefused(nowhere.resolve("e.gguf"), "nor does the folder " + nowhere, "Check the path.");
  }

  @Test
  void aFolderIsNamedWithTheModelsInIt() {
    SampleFiles.languageModel().write(folder.resolve("a.gguf"));

    assertRefused(folder, "is a folder, but a model is one GGUF file", "has a.gguf.");
  }

  @Test
  void aLinkToNowhereIsNamed() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("gone"));

    assertRefused(link, "is a link to a file that does not exist", "mend the link");
  }

  @Test
  void aFileThatCannotBeOpenedIsNamedWithTheReason() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);

    assertRefused(loop, "cannot be read: ", "Check the path and the disk it is on.");
  }

  @Test
  void aFileThatMayNotBeReadIsNamed() {
    Path path = SampleFiles.languageModel().write(folder.resolve("secret.gguf"));
    assumeFalse(
        !path.toFile().setReadable(false) || Files.isReadable(path),
        "this user may read every file");

    assertRefused(path, "may not be read by this user: permission denied", "chmod u+r");
  }

  @Test
  void aDeviceIsRefusedBeforeItIsRead() {
    Path device = Path.of("/dev/zero");
    assumeFalse(Files.notExists(device), "/dev/zero is missing");

    assertRefused(device, "is a device or a pipe", "Save it to a disk");
  }
}
