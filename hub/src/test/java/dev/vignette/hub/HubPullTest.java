package dev.vignette.hub;

import static dev.vignette.hub.PullFixture.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.hub.Hub.PullPlan;
import dev.vignette.hub.Repository.RemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubPullTest {
  private static final String NAME = "org/model";
  private static final byte[] WEIGHTS = bytes(3_000_001, 1);

  @TempDir Path folder;
  private PullFixture fixture;

  @BeforeEach
  void serve() throws IOException {
    fixture = new PullFixture(folder);
    fixture
            .server
            .repository(NAME)
            .file("config.json", "{}")
            .file("sub/folder/notes with space.txt", "words")
            .file("empty.txt", "")
            .file("model.safetensors", WEIGHTS)
            .license =
        "llama2";
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void putsFilesWhereHuggingFacesClientPutsThem() throws IOException {
    Path snapshot = fixture.pull(NAME);
    TestHub.Repo repo = fixture.server.repository(NAME);
    Path home = folder.resolve("models--org--model");

    assertThat(snapshot).isEqualTo(home.resolve("snapshots").resolve(repo.commit));
    assertThat(home.resolve("refs/main")).hasContent(repo.commit);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(snapshot.resolve("empty.txt")).isEmptyFile();
    assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
        .isEqualTo(Path.of("../../blobs", TestHub.gitHash("{}".getBytes(UTF_8))));
    assertThat(Files.readSymbolicLink(snapshot.resolve("sub/folder/notes with space.txt")))
        .isEqualTo(Path.of("../../../../blobs", TestHub.gitHash("words".getBytes(UTF_8))));
    assertThat(Files.readSymbolicLink(snapshot.resolve("model.safetensors")))
        .isEqualTo(Path.of("../../blobs", TestHub.hash("SHA-256", WEIGHTS)));
    assertThat(folder.resolve("CACHEDIR.TAG")).exists();
    try (var blobs = Files.list(home.resolve("blobs"))) {
      assertThat(blobs).hasSize(4);
    }
    assertThat(fixture.heard.received).hasValue(WEIGHTS.length + 7);
  }

  @Test
  void fetchesRangesInParallelAndEachByteOnce() throws IOException {
    fixture.pull(NAME);

    List<TestHub.Request> ranges =
        fixture.server.requests.stream()
            .filter(request -> !request.atHub() && request.isForContent())
            .toList();
    assertThat(ranges).hasSize(Math.ceilDiv(WEIGHTS.length, PullFixture.RANGE));
    assertThat(fixture.server.sent()).isEqualTo(WEIGHTS.length + 7);
  }

  @Test
  void downloadsNothingThatIsThere() throws IOException {
    fixture.pull(NAME);
    long sent = fixture.server.sent();

    try (Hub hub = fixture.hub()) {
      Repository repository = hub.repository(ModelReference.parse(NAME), fixture.heard);
      PullPlan plan = hub.plan(repository, repository.files(), fixture.heard);
      assertThat(plan.missing()).isEmpty();
      assertThat(plan.missingBytes()).isZero();
      assertThat(plan.bytes()).isEqualTo(WEIGHTS.length + 7);
      assertThat(repository.license()).contains("llama2");
      hub.pull(plan, fixture.heard);
    }
    assertThat(fixture.server.sent()).isEqualTo(sent);
  }

  @Test
  void aNewCommitWithTheSameContentDownloadsOnlyWhatChanged() throws IOException {
    fixture.pull(NAME);
    TestHub.Repo repo = fixture.server.repository(NAME);
    String before = repo.commit;
    repo.commit = "0123456789012345678901234567890123456789";
    repo.file("config.json", "{\"a\":1}");
    long sent = fixture.server.sent();

    Path snapshot = fixture.pull(NAME);

    assertThat(fixture.server.sent() - sent).isEqualTo(7);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(snapshot.resolveSibling(before).resolve("config.json")).hasContent("{}");
  }

  @Test
  void theTokenGoesToTheHubAndNowhereElse() throws IOException {
    fixture.token = Optional.of("hf_secret");
    fixture.server.token = "hf_secret";

    fixture.pull(NAME);

    assertThat(fixture.server.requests)
        .filteredOn(TestHub.Request::atHub)
        .isNotEmpty()
        .allSatisfy(request ->
            assertThat(request.headers()).containsEntry("authorization", "Bearer hf_secret"));
    assertThat(fixture.server.requests)
        .filteredOn(request -> !request.atHub())
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
  }

  @Test
  void aRenamedRepositoryIsFollowedWithTheToken() throws IOException {
    fixture.token = Optional.of("hf_secret");
    fixture.server.token = "hf_secret";
    fixture.server.rename("old/name", NAME);

    Path snapshot = fixture.pull("old/name");

    assertThat(snapshot.toString()).contains("models--old--name");
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aSignedAddressThatExpiresIsAskedForAnew() throws IOException {
    fixture.tuning =
        new Tuning(
            1,
            PullFixture.RANGE,
            fixture.tuning.stall(),
            fixture.tuning.pause(),
            fixture.tuning.space(),
            fixture.tuning.writer());
    fixture.server.faults =
        request -> {
          if (!request.atHub() && request.from() == PullFixture.RANGE * 3L) {
            fixture.server.signature = "2";
          }
          return Optional.empty();
        };

    assertThat(fixture.pull(NAME).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(fixture.waits).isEmpty();
  }

  @Test
  void aProxyIsAskedWhereTheVariablesNameOne() throws IOException {
    HubSettings settings =
        new HubSettings(
            URI.create("http://hub.invalid"),
            Optional.of("hf_secret"),
            folder,
            false,
            EnvironmentProxies.of(Map.of("HTTP_PROXY", fixture.server.endpoint().toString())));
    try (Hub hub = new Hub(settings, new HubCache(folder), fixture.tuning)) {
      Repository repository = hub.repository(ModelReference.parse(NAME), fixture.heard);
      hub.pull(hub.plan(repository, List.of("config.json"), fixture.heard), fixture.heard);
    }
    assertThat(fixture.server.requests)
        .isNotEmpty()
        .allSatisfy(request -> {
          assertThat(request.headers()).containsEntry("host", "hub.invalid");
          assertThat(request.headers())
              .as("plain http to another machine")
              .doesNotContainKey("authorization");
        });
  }

  @Test
  void aHubThatIgnoresRangesIsReadFromTheBeginningOnce() throws IOException {
    fixture.server.ignoresRanges = true;

    assertThat(fixture.pull(NAME).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(fixture.server.sent()).isEqualTo(WEIGHTS.length + 7);
  }

  @Test
  void anotherRevisionHasItsOwnRef() throws IOException {
    String commit = fixture.server.repository(NAME).commit;

    fixture.pull(NAME + "@" + commit, "config.json");

    HubCache cache = new HubCache(folder);
    assertThat(cache.snapshot(ModelReference.parse(NAME + "@" + commit))).isPresent();
    assertThat(cache.snapshot(ModelReference.parse(NAME))).isEmpty();
  }

  @Test
  void namesThatLeaveTheirFolderAreRefusedBeforeAnythingIsDownloaded() {
    for (String path :
        List.of("../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:evil", "a//b", "./a")) {
      fixture.server.repository("org/evil").files.clear();
      fixture.server.repository("org/evil").file(path, "x").file("good.txt", "y");

      assertThatThrownBy(() -> fixture.pull("org/evil"))
          .as(path)
          .isInstanceOf(HubException.class)
          .hasMessageContaining(path)
          .extracting("reason")
          .isEqualTo(HubException.Reason.UNSAFE_NAME);
    }
    assertThat(fixture.server.sent()).isZero();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void offlineAsksNothing() {
    fixture.offline = true;

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContainingAll("--offline", "lacks " + NAME + " (main)")
        .extracting("reason")
        .isEqualTo(HubException.Reason.OFFLINE);
    assertThat(fixture.server.requests).isEmpty();
  }

  @Test
  void whereLinksAreNotPossibleTheFileItselfIsInTheSnapshot() throws IOException {
    HubCache cache =
        new HubCache(
            folder,
            (_, _) -> {
              throw new UnsupportedOperationException();
            });
    try (Hub hub = new Hub(fixture.settings(), cache, fixture.tuning)) {
      Repository repository = hub.repository(ModelReference.parse(NAME), fixture.heard);
      Path snapshot =
          hub.pull(hub.plan(repository, repository.files(), fixture.heard), fixture.heard);

      assertThat(snapshot.resolve("model.safetensors")).isRegularFile().hasBinaryContent(WEIGHTS);
      assertThat(Files.isSymbolicLink(snapshot.resolve("model.safetensors"))).isFalse();
      assertThat(hub.plan(repository, repository.files(), fixture.heard).missing()).isEmpty();
    }
  }

  @Test
  void theFirstBytesStandInAFileOfTheWholeSize() throws IOException {
    try (Hub hub = fixture.hub()) {
      Repository repository = hub.repository(ModelReference.parse(NAME), fixture.heard);
      RemoteFile file =
          hub.plan(repository, List.of("model.safetensors"), fixture.heard).files().getFirst();
      Path head = folder.resolve("head");
      hub.head(file, 1000, head, fixture.heard);

      assertThat(Files.size(head)).isEqualTo(WEIGHTS.length);
      assertThat(Files.readAllBytes(head)).startsWith(Arrays.copyOf(WEIGHTS, 1000));
      assertThat(fixture.server.sent()).isEqualTo(1000);
    }
  }

  @Test
  void whatIsAskedForAndDoesNotExistIsRememberedAsPythonDoes() {
    assertThatThrownBy(() -> fixture.pull(NAME, "config.jsn"))
        .hasMessageContaining("no file 'config.jsn'")
        .hasMessageContaining("it has config.json")
        .extracting("reason")
        .isEqualTo(HubException.Reason.NO_FILE);
    assertThat(
            folder.resolve(
                "models--org--model/.no_exist/"
                    + fixture.server.repository(NAME).commit
                    + "/config.jsn"))
        .isEmptyFile();
  }
}
