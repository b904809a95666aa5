package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.json.JsonMapper;

class FailureReportTest {
  private final StringWriter err = new StringWriter();

  private int say(Throwable failure) {
    return FailureReport.say(failure, new PrintWriter(err, true));
  }

  @Test
  void anErrorIsASentenceToo() {
    assertThat(say(new OutOfMemoryError("Java heap space"))).isEqualTo(70);
    assertThat(say(new UnsatisfiedLinkError("libtorch.so: cannot open"))).isEqualTo(70);
    assertThat(say(new ExceptionInInitializerError(new IOException("disk gone")))).isEqualTo(70);
    assertThat(say(new InvalidLogitsException("the model 'm.gguf'"))).isEqualTo(70);
    assertThat(err.toString())
        .contains("the model 'm.gguf' computes logits that are not numbers")
        .contains("VIGNETTE_JAVA_OPTS=-Xmx", "libtorch.so: cannot open", "disk gone")
        .doesNotContain("\tat ", "defect");
  }

  @Test
  void noMessageIsOnlyAPath() {
    assertThat(say(new FileAlreadyExistsException("/dev/null"))).isEqualTo(74);
    assertThat(say(new NotDirectoryException("/dev/zero"))).isEqualTo(1);
    assertThat(say(new FileSystemException("/dev/full"))).isEqualTo(1);
    assertThat(say(new UncheckedIOException(new NoSuchFileException("/dev/nothing")))).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "vignette: /dev/null is in the way of what is to be made there; name another place, or move it",
            "vignette: /dev/zero is no folder; check the path",
            "vignette: /dev/full cannot be read or written (FileSystemException); check the path and its disk",
            "vignette: /dev/nothing is not there; check the path");
  }

  @Test
  void aFullDiskIs74WhoeverMeetsIt() {
    IOException full = new IOException("No space left on device");
    assertThat(say(full)).isEqualTo(74);
    assertThat(say(new UncheckedIOException(full))).isEqualTo(74);
    assertThat(say(new FileSystemException("m.safetensors", null, full.getMessage())))
        .isEqualTo(74);
    assertThat(err.toString())
        .contains("m.safetensors cannot be read or written (No space left on device)", "make room")
        .doesNotContain("defect", "\tat ");
  }

  @Test
  void whatNobodyThoughtOfComesWithItsTrace() {
    assertThat(say(new IllegalStateException("odd"))).isEqualTo(70);
    assertThat(err.toString()).contains("defect", "\tat ");
  }

  @Test
  void aFileThatCannotBeWrittenIs74() {
    assertThat(
            say(new UnwritableFileException("o.json cannot be written", new IOException("full"))))
        .isEqualTo(74);
  }

  @Test
  void jsonIsComplainedOfInOurWords() {
    try {
      JsonMapper.shared().readTree("{\"a\": 1,\n oops}");
    } catch (JacksonException e) {
      assertThat(say(e)).isEqualTo(1);
    }
    assertThat(err.toString()).contains("line 2").doesNotContain("REDACTED", "\tat ");
  }

  @Test
  void doctorGoesOnAfterACheckThatCannotBeCarriedOut() {
    Finding finding =
        DoctorCommand.look(
            "caption",
            () -> {
              throw new NoClassDefFoundError("dev/vignette/Gone");
            });
    assertThat(finding.ok()).isFalse();
    assertThat(finding.text()).contains("dev/vignette/Gone");
  }

  @Test
  void memoryThatTheSystemDoesNotGiveIsASentenceWhoeverAskedForIt() {
    List<Throwable> failures =
        List.of(
            new IllegalStateException(
                "libtorch does not compile", new RuntimeException("std::bad_alloc")),
            new RuntimeException(
                "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes"),
            new UnsatisfiedLinkError("libtorch_cpu.so: failed to map segment from shared object"),
            new UncheckedIOException(new IOException("Map failed")),
            new FileSystemException("m.gguf", null, "Cannot allocate memory"));
    for (Throwable failure : failures) {
      assertThat(say(failure)).as("%s", failure).isEqualTo(70);
    }
    assertThat(err.toString().lines())
        .hasSize(failures.size())
        .allMatch(line -> line.contains("no more memory. Raise the limit (ulimit -v"));
  }

  @Test
  void whatJsonIsWrappedAroundIsSaidItself() {
    IOException full = new IOException("No space left on device");
    assertThat(say(JacksonIOException.construct(full))).isEqualTo(74);
    assertThat(err.toString())
        .contains("an output cannot be written (No space left on device)")
        .doesNotContain("JSON");
  }

  @Test
  void jsonThatIsOfNoPlaceIsSaidWithoutALine() {
    assertThat(say(new StreamReadException("no number"))).isEqualTo(1);
    assertThat(err.toString()).contains("not the JSON it should be: no number;");
  }

  @Test
  void aFileThatIsCutWhileItIsMappedIsSaid() {
    assertThat(say(new InternalError("a fault occurred in an unsafe memory access operation")))
        .isEqualTo(70);
    assertThat(err.toString()).contains("cut or written over while it was in use").hasLineCount(1);
  }
}
