package dev.vignette.hub;

import static dev.vignette.hub.PullFixture.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.hub.HubException.Reason;
import dev.vignette.hub.TestHub.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between a hub and a person, over real connections. */
class HubFaultsTest {
  private static final String NAME = "org/model";
  private static final String FILE = "model.safetensors";
  private static final byte[] WEIGHTS = bytes(1_000_001, 2);

  @TempDir Path folder;
  private PullFixture fixture;

  @BeforeEach
  void serve() throws IOException {
    fixture = new PullFixture(folder);
    fixture.server.repository(NAME).file("config.json", "{}").file(FILE, WEIGHTS);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static boolean isAtStore(TestHub.Request request) {
    return !request.atHub();
  }

  /** Makes the first requests of a kind fail. */
  private void fail(Predicate<TestHub.Request> which, int times, Fault fault) {
    AtomicInteger left = new AtomicInteger(times);
    fixture.server.faults =
        request ->
            which.test(request) && left.getAndDecrement() > 0
                ? Optional.of(fault)
                : Optional.empty();
  }

  private Path blob(String hash) {
    return folder.resolve("models--org--model/blobs").resolve(hash);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100_000, PullFixture.RANGE - 1, PullFixture.RANGE})
  void aCutConnectionGoesOnWhereItWas(long after) throws IOException {
    fail(HubFaultsTest::isAtStore, 3, new Fault.CutAfter(after));

    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.heard.received).hasValue(WEIGHTS.length + 2);
    assertThat(fixture.server.sent())
        .as("a cut loses what had come and was not read yet, no more than its range")
        .isBetween(WEIGHTS.length + 2L, WEIGHTS.length + 2L + 3 * PullFixture.RANGE);
  }

  @Test
  void aConnectionCutInTheHeadersIsTriedAgain() throws IOException {
    fail(_ -> true, 4, new Fault.CutInHeaders());

    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.waits).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 700_000, 1_000_000})
  void aHubWithoutRangesIsCutToo(long after) throws IOException {
    fixture.server.ignoresRanges = true;
    fail(HubFaultsTest::isAtStore, 2, new Fault.CutAfter(after));

    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.heard.received).hasValue(WEIGHTS.length + 2);
  }

  @Test
  void aConnectionThatIsCutForeverEndsWithASentence() {
    fail(HubFaultsTest::isAtStore, Integer.MAX_VALUE, new Fault.CutAfter(0));

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("broke 6 times in a row")
        .hasMessageContaining("What is whole is kept")
        .extracting("reason")
        .isEqualTo(Reason.NO_NETWORK);
    assertThat(fixture.heard.finished).containsExactly("config.json");
  }

  @Test
  void aConnectionThatFallsSilentIsGivenUpAndTriedAgain() throws IOException {
    fixture.tuning =
        new Tuning(
            4,
            PullFixture.RANGE,
            Duration.ofMillis(200),
            fixture.waits::add,
            fixture.tuning.space(),
            fixture.tuning.writer());
    fail(HubFaultsTest::isAtStore, 2, new Fault.Stall());

    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aBusyHubIsWaitedForAsLongAsItSays() throws IOException {
    fail(_ -> true, 2, new Fault.Answer(429, Map.of("Retry-After", "17")));

    fixture.pull(NAME, "config.json");

    assertThat(fixture.waits).containsExactly(Duration.ofSeconds(17), Duration.ofSeconds(17));
    assertThat(fixture.heard.notes.getFirst()).contains("429").contains("17 s");
  }

  @Test
  void aHubThatWantsToBeLeftAloneForHoursIsNotWaitedFor() {
    fail(_ -> true, 1, new Fault.Answer(429, Map.of("Retry-After", "7200")));

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("come back in 121 minutes")
        .extracting("reason")
        .isEqualTo(Reason.BUSY);
    assertThat(fixture.waits).isEmpty();
  }

  @Test
  void aHubOutOfOrderIsTriedAgainAndThenNamed() {
    fail(_ -> true, Integer.MAX_VALUE, new Fault.Answer(503, Map.of()));

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("503")
        .extracting("reason")
        .isEqualTo(Reason.BUSY);
    assertThat(fixture.waits).hasSize(Retries.MOST_FAILURES - 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | GatedRepo        |                                         | GATED         | ask for access on
          401 | GatedRepo        |                                         | GATED         | HF_TOKEN
          401 | RepoNotFound     |                                         | NO_REPOSITORY | or it is private
          401 |                  |                                         | NO_REPOSITORY | HF_TOKEN
          404 | RepoNotFound     |                                         | NO_REPOSITORY | no repository org/model
          404 | RevisionNotFound |                                         | NO_REVISION   | no revision 'main'
          403 |                  | Access to this resource is disabled.    | DISABLED      | disabled
          403 | DisabledRepo     |                                         | DISABLED      | disabled
          401 |                  | Invalid credentials in Authorization header | UNAUTHORIZED | refuses the token
          403 |                  | no right                                | UNAUTHORIZED  | no right
          418 |                  |                                         | PROTOCOL      | answers 418
          """)
  void eachRefusalIsNamedWithWhatToDo(
      int status, @Nullable String code, @Nullable String message, Reason reason, String words) {
    Map<String, String> headers = new HashMap<>();
    if (code != null) {
      headers.put("X-Error-Code", code);
    }
    if (message != null) {
      headers.put("X-Error-Message", message);
    }
    fail(_ -> true, Integer.MAX_VALUE, new Fault.Answer(status, headers));

    assertThatThrownBy(() -> fixture.pull(NAME))
        .isInstanceOf(HubException.class)
        .hasMessageContaining(words)
        .extracting("reason")
        .isEqualTo(reason);
    assertThat(fixture.waits).as("a refusal is not tried again").isEmpty();
  }

  @Test
  void aFileThatIsGoneFromItsCommitIsNamed() {
    fail(
        request -> request.method().equals("HEAD"),
        1,
        new Fault.Answer(404, Map.of("X-Error-Code", "EntryNotFound")));

    assertThatThrownBy(() -> fixture.pull(NAME, FILE))
        .hasMessageContaining("no file '" + FILE + "'")
        .extracting("reason")
        .isEqualTo(Reason.NO_FILE);
  }

  @Test
  void aServerThatIsNoHubIsNamed() {
    fail(_ -> true, 1, new Fault.Answer(200, Map.of()));

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("HF_ENDPOINT")
        .extracting("reason")
        .isEqualTo(Reason.PROTOCOL);
  }

  @Test
  void noNetworkIsSaidAfterAFewAttempts() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    HubSettings settings =
        new HubSettings(
            URI.create("http://127.0.0.1:" + closed),
            Optional.empty(),
            folder,
            false,
            ProxySelector.of(null));
    try (Hub hub = new Hub(settings, new HubCache(folder), fixture.tuning)) {
      assertThatThrownBy(() -> hub.repository(ModelReference.parse(NAME), fixture.heard))
          .hasMessageContaining("cannot be reached")
          .hasMessageContaining("HTTPS_PROXY")
          .extracting("reason")
          .isEqualTo(Reason.NO_NETWORK);
    }
    assertThat(fixture.waits).hasSize(Retries.MOST_UNREACHED - 1);
  }

  @Test
  void aWrongHashIsNamedAndTheFileDeleted() throws IOException {
    String lie = "0".repeat(64);
    fixture.server.repository(NAME).lie(FILE, lie);

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining(lie)
        .hasMessageContaining(TestHub.hash("SHA-256", WEIGHTS))
        .extracting("reason")
        .isEqualTo(Reason.WRONG_HASH);
    try (var left = Files.list(blob(lie).getParent())) {
      assertThat(left).as("only config.json").hasSize(1);
    }
    assertThat(fixture.heard.finished).containsExactly("config.json");
  }

  @Test
  void aWrongGitHashOfASmallFileIsNamedToo() {
    fixture.server.repository(NAME).lie("config.json", "f".repeat(40));

    assertThatThrownBy(() -> fixture.pull(NAME, "config.json"))
        .hasMessageContaining(TestHub.gitHash("{}".getBytes(UTF_8)))
        .extracting("reason")
        .isEqualTo(Reason.WRONG_HASH);
  }

  @Test
  void aDamagedLeftoverIsFetchedAnew() throws IOException {
    String hash = TestHub.hash("SHA-256", WEIGHTS);
    fail(request -> isAtStore(request) && request.from() > 0, 99, new Fault.CutAfter(0));
    assertThatThrownBy(() -> fixture.pull(NAME)).isInstanceOf(HubException.class);
    Path part = blob(hash + ".vignette-part");
    byte[] damaged = Files.readAllBytes(part);
    damaged[5]++;
    Files.write(part, damaged);
    fixture.server.faults = _ -> Optional.empty();

    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.heard.notes).anyMatch(note -> note.contains("damaged"));
  }

  @Test
  void aFileThatShrinksUnderTheDownloadIsNamedAndBegunAnew() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    fixture.server.faults =
        request ->
            !request.atHub() && asked.incrementAndGet() > 1
                ? Optional.of(new Fault.Other(bytes(900_000, 3)))
                : Optional.empty();

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("changed while it was downloaded")
        .extracting("reason")
        .isEqualTo(Reason.CHANGED);
    assertThat(blob(TestHub.hash("SHA-256", WEIGHTS) + ".vignette-part")).doesNotExist();

    fixture.server.faults = _ -> Optional.empty();
    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aFileOfTheSameSizeThatChangesUnderTheDownloadIsFoundByItsHash() throws IOException {
    fixture.server.faults =
        request ->
            !request.atHub() && request.from() >= 500_000
                ? Optional.of(new Fault.Other(bytes(WEIGHTS.length, 3)))
                : Optional.empty();

    assertThatThrownBy(() -> fixture.pull(NAME)).extracting("reason").isEqualTo(Reason.WRONG_HASH);

    fixture.server.faults = _ -> Optional.empty();
    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aCommitThatMovesBetweenTheQuestionsIsNamed() {
    fixture.server.faults =
        request -> {
          if (request.method().equals("HEAD")) {
            fixture.server.repository(NAME).commit = "1".repeat(40);
          }
          return Optional.empty();
        };

    assertThatThrownBy(() -> fixture.pull(NAME, FILE)).isInstanceOf(HubException.class);
  }

  @Test
  void tooLittleSpaceIsSaidBeforeAnythingIsDownloaded() {
    fixture.tuning =
        new Tuning(
            4,
            PullFixture.RANGE,
            Duration.ofSeconds(20),
            fixture.waits::add,
            _ -> 600_000,
            PartialBlob.WRITES);

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("needs 1.00 MB")
        .hasMessageContaining("has 600 kB free")
        .hasMessageContaining("400 kB are missing")
        .extracting("reason")
        .isEqualTo(Reason.DISK_FULL);
    assertThat(fixture.server.sent()).isZero();
  }

  @Test
  void aDiskThatFillsUpKeepsWhatIsThere() throws IOException {
    AtomicLong room = new AtomicLong(400_000);
    fixture.tuning =
        new Tuning(
            2,
            PullFixture.RANGE,
            Duration.ofSeconds(20),
            fixture.waits::add,
            _ -> 1L << 40,
            (channel, block, position) -> {
              if (room.addAndGet(-block.remaining()) < 0) {
                throw new IOException("No space left on device");
              }
              PartialBlob.WRITES.write(channel, block, position);
            });

    assertThatThrownBy(() -> fixture.pull(NAME))
        .hasMessageContaining("is full")
        .hasMessageContaining("are missing")
        .extracting("reason")
        .isEqualTo(Reason.DISK_FULL);
    assertThat(fixture.waits).as("a full disk is not tried again").isEmpty();
    assertThat(fixture.heard.received.get()).isPositive();

    room.set(Long.MAX_VALUE);
    assertThat(fixture.pull(NAME).resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.heard.received)
        .as("what was kept is not fetched again")
        .hasValue(WEIGHTS.length + 2);
  }

  @Test
  void twoPullsAtOnceDownloadOnce() throws Exception {
    fixture.server.bytesPerSecond = 2_000_000;

    CompletableFuture<Path> other = CompletableFuture.supplyAsync(this::pullQuietly);
    Path one = fixture.pull(NAME);

    assertThat(other.get()).isEqualTo(one);
    assertThat(one.resolve(FILE)).hasBinaryContent(WEIGHTS);
    assertThat(fixture.server.sent()).isEqualTo(WEIGHTS.length + 2);
  }

  private Path pullQuietly() {
    try {
      return fixture.pull(NAME);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
