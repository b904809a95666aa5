package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
  @TempDir private Path folder;

  private final List<Process> started = new ArrayList<>();

  /** Takes and gives up locks in a process of its own, as its standard input says. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      Path path = Path.of(arguments[0]);
      ProcessLock held = null;
      for (int order = System.in.read(); order >= 0; order = System.in.read()) {
        switch (order) {
          case 'x' -> held = ProcessLock.tryExclusive(path).orElse(null);
          case 's' -> held = ProcessLock.tryShared(path).orElse(null);
          default -> {
            if (held != null) {
              held.close();
            }
            held = null;
          }
        }
        System.out.println(held == null ? "free" : "held");
      }
    }
  }

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  private Process holder(Path path) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return process;
  }

  private static String ask(Process process, BufferedReader answers, char order)
      throws IOException {
    process.getOutputStream().write(order);
    process.getOutputStream().flush();
    return answers.readLine();
  }

  @Test
  void aLockHoldsBetweenProcessesUntilItIsGivenUpOrItsProcessDies() throws Exception {
    Path data = Files.writeString(folder.resolve("data"), "content");
    Process other = holder(data);
    try (BufferedReader answers = other.inputReader()) {
      ProcessLock mine = ProcessLock.exclusive(data);
      assertThat(data).hasContent("content"); // opens and closes the file that is guarded
      assertThat(ProcessLock.tryShared(data)).isEmpty();
      assertThat(ask(other, answers, 's')).isEqualTo("free");
      mine.close();
      assertThat(ask(other, answers, 's')).isEqualTo("held");
      try (ProcessLock shared = ProcessLock.shared(data)) {
        assertThat(shared).isNotNull();
        assertThat(ProcessLock.tryExclusive(data)).isEmpty();
      }
      assertThat(ask(other, answers, '-')).isEqualTo("free");
      assertThat(ask(other, answers, 'x')).isEqualTo("held");
      assertThat(ProcessLock.tryShared(data)).isEmpty();
      other.destroyForcibly().waitFor();
    }
    try (ProcessLock again = ProcessLock.exclusive(data)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void severalLocksAreTakenTogetherInWhateverOrderTheyAreNamed() throws Exception {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    try (ProcessLocks _ = ProcessLocks.exclusive(List.of(one, two, one))) {
      assertThat(ProcessLock.tryExclusive(one)).isEmpty();
      assertThat(ProcessLock.tryExclusive(two)).isEmpty();
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Callable<Integer>> turns = new ArrayList<>();
      for (List<Path> order : List.of(List.of(one, two), List.of(two, one))) {
        turns.add(() -> {
          int times = 0;
          for (; times < 50; times++) {
            ProcessLocks.exclusive(order).close();
          }
          return times;
        });
      }
      for (Future<Integer> turn : threads.invokeAll(turns)) {
        assertThat(turn.get()).isEqualTo(50);
      }
    }
  }

  @Test
  void threadsTakeTurns() throws Exception {
    Path path = folder.resolve("not-there");
    AtomicInteger inside = new AtomicInteger();
    Callable<Integer> turn =
        () -> {
          int most = 0;
          for (int i = 0; i < 50; i++) {
            try (ProcessLock _ = ProcessLock.exclusive(path)) {
              most = Math.max(most, inside.incrementAndGet());
              Thread.onSpinWait();
              inside.decrementAndGet();
            }
          }
          return most;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Integer> most : threads.invokeAll(List.of(turn, turn, turn, turn))) {
        assertThat(most.get()).isEqualTo(1);
      }
    }
  }

  @Test
  void sharedLocksOfThisProcessAreGivenUpOneByOne() throws IOException {
    Path path = folder.resolve("data");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    ProcessLock first = ProcessLock.shared(path);
    ProcessLock second = ProcessLock.tryShared(link.resolve("data")).orElseThrow();
    first.close();
    first.close();
    assertThat(ProcessLock.tryExclusive(path)).isEmpty();
    second.close();
    try (ProcessLock alone = ProcessLock.tryExclusive(link.resolve("data")).orElseThrow()) {
      assertThat(ProcessLock.tryExclusive(path)).isEmpty();
      assertThat(alone).isNotNull();
    }
  }
}
