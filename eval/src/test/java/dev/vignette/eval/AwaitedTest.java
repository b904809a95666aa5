package dev.vignette.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AwaitedTest {
  @Test
  void whatWasThrownElsewhereIsThrownHereAnErrorToo() {
    for (Throwable failure :
        List.of(new OutOfMemoryError("Java heap space"), new MalformedDataException("line 3"))) {
      CompletableFuture<String> failed =
          CompletableFuture.supplyAsync(() -> {
            if (failure instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) failure;
          });
      assertThatThrownBy(() -> Awaited.result(failed)).isSameAs(failure);
    }
    assertThat(Awaited.result(CompletableFuture.completedFuture("x"))).isEqualTo("x");
  }
}
