package dev.vignette.hub;

import static dev.vignette.hub.PullFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.hub.HubCache.CachedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubCacheTest {
  private static final String COMMIT = "a".repeat(40);
  private static final ModelReference MODEL = ModelReference.parse("org/model");

  @TempDir Path folder;

  /** A repository as huggingface_hub 2.0.0 leaves it with its store of shared blobs. */
  private Path sharedStore() throws IOException {
    String xet = "b".repeat(64);
    Path payload = folder.resolve("blobs/bb").resolve(xet);
    Files.createDirectories(payload.getParent());
    Files.write(payload, bytes(1000, 1));
    Files.writeString(folder.resolve("blobs/.huggingface-shared-blobs"), "1\n");
    Path home = folder.resolve("models--org--model");
    Path blob = home.resolve("blobs").resolve("c".repeat(64));
    Files.createDirectories(blob.getParent());
    Files.createSymbolicLink(blob, Path.of("../../blobs/bb", xet));
    Files.writeString(payload.resolveSibling(xet + ".refs"), folder.relativize(blob) + "\n");
    Path snapshot = Files.createDirectories(home.resolve("snapshots").resolve(COMMIT));
    Files.createSymbolicLink(
        snapshot.resolve("model.safetensors"), Path.of("../../blobs", "c".repeat(64)));
    Files.createDirectories(home.resolve("refs/pr"));
    Files.writeString(home.resolve("refs/main"), COMMIT);
    Files.writeString(home.resolve("refs/pr/1"), COMMIT);
    return payload;
  }

  @Test
  void readsWhatPythonWroteAlsoThroughItsSharedStore() throws IOException {
    sharedStore();
    HubCache cache = new HubCache(folder);

    assertThat(cache.snapshot(MODEL).orElseThrow().resolve("model.safetensors"))
        .hasBinaryContent(bytes(1000, 1));
    assertThat(cache.snapshot(ModelReference.parse("org/model@pr/1"))).isPresent();
    List<CachedModel> models = cache.models();
    assertThat(models).hasSize(1);
    assertThat(models.getFirst().bytes()).isEqualTo(1000);
    assertThat(models.getFirst().snapshots().getFirst().revisions())
        .containsExactly("main", "pr/1");
  }

  @Test
  void aNameOfARevisionThatIsDamagedIsNone() throws IOException {
    sharedStore();
    Files.write(folder.resolve("models--org--model/refs/main"), new byte[] {-1, -2, 3});
    HubCache cache = new HubCache(folder);

    assertThat(cache.snapshot(MODEL)).isEmpty();
    assertThat(cache.models().getFirst().snapshots().getFirst().revisions())
        .containsExactly("pr/1");
  }

  @Test
  void removingARepositoryKeepsTheSharedStoreWhole() throws IOException {
    Path payload = sharedStore();

    new HubCache(folder).remove(MODEL.name());

    assertThat(folder.resolve("models--org--model")).doesNotExist();
    assertThat(payload).hasBinaryContent(bytes(1000, 1));
  }

  @Test
  void whatIsNotThereCannotBeRemoved() {
    assertThatThrownBy(() -> new HubCache(folder).remove(MODEL.name()))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("has no org/model");
  }

  @Test
  void whatIsBeingDownloadedIsNotRemoved() throws IOException {
    sharedStore();
    Path lock = folder.resolve(".locks/models--org--model/" + "c".repeat(64) + ".lock");
    try (ProcessFlock held = ProcessFlock.tryLock(lock).orElseThrow()) {
      assertThatThrownBy(() -> new HubCache(folder).remove(MODEL.name()))
          .hasMessageContaining("is being downloaded");
      assertThat(held).isNotNull();
    }
    assertThat(folder.resolve("models--org--model")).isDirectory();
  }

  @Test
  void aCacheThatIsNotThereHoldsNothing() throws IOException {
    assertThat(new HubCache(folder.resolve("none")).models()).isEmpty();
    assertThat(new HubCache(folder.resolve("none")).snapshot(MODEL)).isEmpty();
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamedWithItsVariable() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "skipped: there is no /proc");
    assertThatThrownBy(() -> new HubCache(Path.of("/proc/nothing")).create())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("The cache /proc/nothing cannot be written", "HF_HUB_CACHE");
  }

  @Test
  void aFileInTheCachesPlaceIsNamedAndALinkToAFolderIsNotListed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (Path cache : List.of(file, file.resolve("hub"))) {
      assertThatThrownBy(() -> new HubCache(cache).models())
          .isInstanceOf(HubException.class)
          .hasMessageContainingAll(cache.toString(), file + " is no folder", "HF_HOME");
    }
    sharedStore();
    Files.createSymbolicLink(
        folder.resolve("models--evil--root"), folder.resolve("models--org--model"));
    assertThat(new HubCache(folder).models())
        .extracting(model -> model.name().text())
        .containsExactly("org/model");
  }

  @Test
  void aFlockExcludesOthersOfThisProcessAndOfOtherPrograms() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock(1) is not here");
    Path lock = folder.resolve("a/b.lock");
    try (ProcessFlock held = ProcessFlock.tryLock(lock).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(ProcessFlock.tryLock(lock)).isEmpty();
      assertThat(flock(lock)).isEqualTo(1);
    }
    assertThat(flock(lock)).isZero();
    try (ProcessFlock again = ProcessFlock.tryLock(lock).orElseThrow()) {
      assertThat(again).isNotNull();
    }
  }

  private static int flock(Path lock) throws Exception {
    return new ProcessBuilder("/usr/bin/flock", "-n", lock.toString(), "true").start().waitFor();
  }
}
