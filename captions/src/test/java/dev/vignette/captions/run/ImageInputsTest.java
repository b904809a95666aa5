package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs.InputList;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.run.InputFinder.GlobPattern;
import dev.vignette.captions.shards.ShardMaker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageInputsTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    for (String name :
        List.of(
            "b.jpg",
            "a.PNG",
            "notes.txt",
            ".hidden.jpg",
            "phone.heic",
            "sub/c.webp",
            "sub/deep/d.jpeg",
            ".cache/e.jpg",
            "sub/[1].gif")) {
      touch(name);
    }
  }

  private Path touch(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, name);
  }

  private ImageInputs find(KeyMode keys, String... names) {
    return ImageInputs.find(
        List.of(names).stream().map(name -> folder + "/" + name).toList(), List.of(), keys);
  }

  private static List<String> keys(ImageInputs inputs) {
    return inputs.images().stream().map(ImageInput::key).toList();
  }

  @Test
  void aFolderGivesItsImagesAndThoseBelowSortedByPath() {
    assertThat(keys(find(KeyMode.STEM, ""))).containsExactly("a", "b", "[1]", "c", "d");
    assertThat(keys(find(KeyMode.PATH, "")))
        .containsExactly("a.PNG", "b.jpg", "sub/[1].gif", "sub/c.webp", "sub/deep/d.jpeg");
  }

  @Test
  void whatIsExcludedByNameOrPathIsLeftOutAndCounted() {
    List<String> all = List.of(folder.toString());
    ImageInputs byName =
        ImageInputs.find(
            all, List.of(), KeyMode.PATH, new InputRules(List.of("deep", "*.PNG"), false));
    assertThat(keys(byName)).containsExactly("b.jpg", "sub/[1].gif", "sub/c.webp");
    assertThat(byName.notes()).contains("Left out by --exclude: 1 files.");
    ImageInputs byPath =
        ImageInputs.find(
            all, List.of(), KeyMode.PATH, new InputRules(List.of("sub/*.gif", "sub/deep/"), false));
    assertThat(keys(byPath)).containsExactly("a.PNG", "b.jpg", "sub/c.webp");
    assertThatThrownBy(() ->
            ImageInputs.find(all, List.of(), KeyMode.PATH, new InputRules(List.of("[a"), false)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--exclude");
  }

  @Test
  void aListWithNulBetweenItsPathsMayHaveLineEndsInThem() throws IOException {
    Path file = touch("two\nlines.jpg");
    Path list = Files.writeString(folder.resolve("list"), file + "\0" + folder + "/b.jpg\0");
    ImageInputs some =
        ImageInputs.find(
            List.of(), List.of(InputList.read(list).getFirst(), "b\uFFFDr.jpg"), KeyMode.STEM);
    assertThat(some.images()).hasSize(1);
    assertThat(some.failures())
        .singleElement()
        .satisfies(failure ->
            assertThat(failure.line()).contains("b\uFFFDr.jpg has letters that cannot be read"));
    assertThat(keys(ImageInputs.find(List.of(), InputList.read(list), KeyMode.STEM)))
        .containsExactly("two\nlines", "b");
  }

  @Test
  void aShardIsNoListOfPaths() throws IOException {
    byte[] tar = new ShardMaker().add("1.jpg", "pixels").bytes();
    for (byte[] shard : List.of(tar, ShardMaker.packed(tar))) {
      assertThatThrownBy(() -> InputList.readStandardInput(new ByteArrayInputStream(shard)))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll("on the standard input", "is a tar", "name it");
      Path list = Files.write(folder.resolve("list"), shard);
      assertThatThrownBy(() -> InputList.read(list)).isInstanceOf(UsageException.class);
    }
  }

  @Test
  void picturesOfFormatsThatAreNotReadAreSaid() {
    assertThat(find(KeyMode.STEM, "").notes())
        .singleElement()
        .asString()
        .contains("1 .heic", "convert");
  }

  @Test
  void aFileNamedByItsPathCountsWhateverItsNameIs() {
    assertThat(keys(find(KeyMode.STEM, "notes.txt", ".hidden.jpg")))
        .containsExactly("notes", ".hidden");
    assertThat(keys(find(KeyMode.PATH, "sub/../b.jpg"))).containsExactly(folder + "/b.jpg");
  }

  @Test
  void aGlobSelectsByPathWithKeysAsWritten() {
    assertThat(keys(find(KeyMode.STEM, "*"))).containsExactly("a", "b", "[1]", "c", "d");
    assertThat(keys(find(KeyMode.STEM, "**/*.{jpg,jpeg}"))).containsExactly("b", "d");
    assertThat(keys(find(KeyMode.STEM, "**/deep/*"))).containsExactly("d");
    assertThat(keys(find(KeyMode.STEM, "?.jpg"))).containsExactly("b");
    assertThat(keys(find(KeyMode.PATH, "s*b/c.*"))).containsExactly(folder + "/sub/c.webp");
  }

  @Test
  void whatExistsUnderTheVeryNameIsNoGlob() {
    assertThat(keys(find(KeyMode.STEM, "sub/[1].gif"))).containsExactly("[1]");
  }

  @Test
  void anImageNamedTwiceIsOne() {
    assertThat(keys(find(KeyMode.STEM, "b.jpg", "./b.jpg", ""))).startsWith("b", "a").hasSize(5);
  }

  @Test
  void linkedFoldersAreFollowedAndLoopsAreNot() throws IOException {
    Files.createSymbolicLink(folder.resolve("sub/deep/loop"), folder.resolve("sub"));
    Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("sub/deep"));

    assertThat(keys(find(KeyMode.PATH, "linked"))).startsWith("d.jpeg");
    assertThat(keys(find(KeyMode.PATH, "sub"))).containsExactly("[1].gif", "c.webp", "deep/d.jpeg");
  }

  @Test
  void aDanglingLinkIsAttempted() throws IOException {
    Files.createSymbolicLink(folder.resolve("gone.jpg"), folder.resolve("nowhere.jpg"));

    assertThat(keys(find(KeyMode.STEM, ""))).contains("gone");
  }

  @Test
  void missingPathsAreNamedTogether() {
    List<String> many = IntStream.range(0, 13).mapToObj(i -> "missing-%02d".formatted(i)).toList();

    assertThatThrownBy(() -> ImageInputs.find(List.of(), many, KeyMode.STEM))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("13 of the images", "missing-00", "missing-09", "and 3 more")
        .hasMessageNotContaining("missing-10");
  }

  @Test
  void aGlobThatMatchesNothingIsNamed() {
    assertThatThrownBy(() -> find(KeyMode.STEM, "nothing/*.jpg"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("nothing/*.jpg matches no images");
    assertThatThrownBy(() -> find(KeyMode.STEM, "[z-a].jpg"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is no pattern");
  }

  @Test
  void anEmptyFolderIsSaidAndAloneIsAnError() throws IOException {
    Files.createDirectory(folder.resolve("empty"));

    assertThat(find(KeyMode.STEM, "empty", "sub").notes())
        .singleElement()
        .asString()
        .contains("/empty has no images");
    assertThatThrownBy(() -> find(KeyMode.STEM, "empty"))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("/empty has no images", ".webp", "Name other images");
  }

  @Test
  void nothingNamedIsAnError() {
    assertThatThrownBy(() -> ImageInputs.find(List.of(), List.of(), KeyMode.STEM))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("There is no image to caption");
  }

  @Test
  void aDeviceIsRefused() {
    assertThatThrownBy(() -> ImageInputs.find(List.of("/dev/zero"), List.of(), KeyMode.STEM))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no regular file");
  }

  @Test
  void aDeviceOrPipeAmongTheImagesOfAFolderIsAFailureAndTheRestGoOn() throws IOException {
    Path device = Files.createSymbolicLink(folder.resolve("sub/null.jpg"), Path.of("/dev/null"));
    Files.createSymbolicLink(folder.resolve("sub/null.txt"), Path.of("/dev/null"));

    for (String name : List.of("", "**/*.jpg")) {
      ImageInputs inputs = find(KeyMode.STEM, name);
      assertThat(inputs.images()).isNotEmpty();
      assertThat(inputs.failures())
          .singleElement()
          .satisfies(
              failure -> assertThat(failure.line()).contains(device.toString(), "no regular file"));
    }
  }

  @Test
  void aDeviceOrPipeThatIsExcludedIsLeftOutAndCounted() throws IOException {
    Files.createSymbolicLink(folder.resolve("sub/null.jpg"), Path.of("/dev/null"));

    for (String name : List.of("", "/**/*.jpg")) {
      ImageInputs inputs =
          ImageInputs.find(
              List.of(folder + name),
              List.of(),
              KeyMode.STEM,
              new InputRules(List.of("null.*"), false));
      assertThat(inputs.images()).isNotEmpty();
      assertThat(inputs.failures()).isEmpty();
      assertThat(inputs.notes()).contains("Left out by --exclude: 1 files.");
    }
  }

  @Test
  void imagesWithOneStemAreNamedBeforeAnyWork() throws IOException {
    for (int i = 0; i < 12; i++) {
      touch("x/%02d.jpg".formatted(i));
      touch("y/%02d.png".formatted(i));
    }

    assertThatThrownBy(() -> find(KeyMode.STEM, "x", "y").requireUniqueKeys(KeyMode.STEM))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("12 have another's", "00 (", "09 (", "and 2 more", "--keys path")
        .hasMessageNotContaining("10 (");
    assertThat(keys(find(KeyMode.PATH, "x", "y"))).hasSize(24);
  }

  @Test
  void pathsThatAreTheSameInTwoFoldersAreNamedToo() throws IOException {
    touch("x/1.jpg");
    touch("y/1.jpg");

    assertThatThrownBy(() -> find(KeyMode.PATH, "x", "y").requireUniqueKeys(KeyMode.PATH))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("1 has another's", "1.jpg (", "glob such as 'a/**'")
        .hasMessageNotContaining("--keys");
    assertThat(keys(find(KeyMode.PATH, "x/**", "y/**"))).hasSize(2);
  }

  @Test
  void aNameThatCannotBeReadAsTextIsAFailureAndTheRestGoOn() throws IOException {
    touch("caf\uFFFD.jpg");

    ImageInputs inputs = find(KeyMode.STEM, "");

    assertThat(keys(inputs)).containsExactly("a", "b", "[1]", "c", "d");
    assertThat(inputs.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.line()).contains("caf\uFFFD.jpg", "Rename it"));
  }

  @Test
  void aNameInLatin1IsAFailureAndTheRestGoOn() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "missing: /bin/bash");
    Process made =
        new ProcessBuilder("/bin/bash", "-c", "touch \"$1\"/$'caf\\xe9.jpg'", "bash", folder + "")
            .start();
    Assumptions.assumeTrue(made.waitFor() == 0, "missing: a file system of any bytes as names");

    ImageInputs inputs = find(KeyMode.STEM, "");

    assertThat(keys(inputs)).containsExactly("a", "b", "[1]", "c", "d");
    assertThat(inputs.failures()).hasSize(1);
  }

  @Test
  void aFolderThatCannotBeListedIsAFailureOrANoteAndTheRestGoOn() throws IOException {
    touch("lost+found/x.jpg");
    Path locked = folder.resolve("lost+found");
    Assumptions.assumeTrue(
        locked.toFile().setReadable(false) && !Files.isReadable(locked),
        "missing: a user who cannot read everything, as root can");
    try {
      ImageInputs inputs = find(KeyMode.STEM, "");

      assertThat(keys(inputs)).containsExactly("a", "b", "[1]", "c", "d");
      assertThat(inputs.failures())
          .singleElement()
          .satisfies(failure -> assertThat(failure.line()).contains("lost+found", "no permission"));

      ImageInputs skipping =
          ImageInputs.find(
              List.of(folder.toString()), List.of(), KeyMode.STEM, new InputRules(List.of(), true));
      assertThat(keys(skipping)).containsExactly("a", "b", "[1]", "c", "d");
      assertThat(skipping.failures()).isEmpty();
      assertThat(skipping.notes())
          .anySatisfy(note -> assertThat(note).startsWith("Left out: ").contains("lost+found"));
    } finally {
      assertThat(locked.toFile().setReadable(true)).isTrue();
    }
  }

  @Test
  void aGlobLooksOnlyIntoFoldersThatMayMatch() throws IOException {
    GlobPattern flat = GlobPattern.parse(folder + "/*.jpg");
    assertThat(flat.mayMatchBelow(folder.resolve("sub"))).isFalse();
    GlobPattern inner = GlobPattern.parse(folder + "/s*b/c.*");
    assertThat(inner.mayMatchBelow(folder.resolve("sub"))).isTrue();
    assertThat(inner.mayMatchBelow(folder.resolve("sub/deep"))).isFalse();
    assertThat(inner.mayMatchBelow(folder.resolve("other"))).isFalse();
    GlobPattern whole = GlobPattern.parse(folder + "/s*");
    assertThat(whole.mayMatchBelow(folder.resolve("sub/deep"))).isTrue();
    GlobPattern anywhere = GlobPattern.parse(folder + "/s*/**/x.jpg");
    assertThat(anywhere.mayMatchBelow(folder.resolve("sub/deep/deeper"))).isTrue();
    assertThat(anywhere.mayMatchBelow(folder.resolve("other"))).isFalse();
    GlobPattern braces = GlobPattern.parse(folder + "/{sub/deep,x}/*.jpeg");
    assertThat(braces.mayMatchBelow(folder.resolve("sub/deep"))).isTrue();
    assertThat(keys(find(KeyMode.STEM, "{sub/deep,x}/*.jpeg"))).containsExactly("d");
  }

  @Test
  void theFirstImagesAreTheFirst() {
    assertThat(keys(find(KeyMode.STEM, "").first(2))).containsExactly("a", "b");
    assertThat(keys(find(KeyMode.STEM, "").first(99))).hasSize(5);
  }

  @Test
  void linesOfAListArePathsAsTheyStand() {
    for (String line : List.of("a.png ", "# mine", "'a.png'")) {
      assertThatThrownBy(() -> ImageInputs.find(List.of(), List.of(line), KeyMode.STEM))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("paths as they stand");
    }
    assertThatThrownBy(() -> ImageInputs.find(List.of(), List.of("gone.png"), KeyMode.STEM))
        .hasMessageContaining(
            "may not be looked at: gone.png. Check the paths and their permissions (relative")
        .hasMessageNotContaining("as they stand");
  }
}
