package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedResourcesTest {
  private final List<String> closed = new ArrayList<>();
  private final OwnedResources owned = new OwnedResources();

  private void add(String name) {
    owned.add(() -> closed.add(name));
  }

  private void addFailing(String name) {
    owned.add(() -> {
      closed.add(name);
      throw new IOException(name);
    });
  }

  @Test
  void whatWasOpenedFirstIsClosedLastEvenIfClosingTheOthersFails() {
    add("lock");
    addFailing("store");
    addFailing("model");
    add("batch");
    assertThatThrownBy(owned::close)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("model")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("store"));
    assertThat(closed).containsExactly("batch", "model", "store", "lock");
    owned.close();
    assertThat(closed).hasSize(4);
  }

  @Test
  void aFailureKeepsWhatClosingAfterItFailsWith() {
    add("lock");
    addFailing("store");
    IllegalStateException failure = new IllegalStateException("first");
    owned.closeAfter(failure);
    assertThat(closed).containsExactly("store", "lock");
    assertThat(failure.getSuppressed())
        .singleElement()
        .extracting(Throwable::getMessage)
        .isEqualTo("store");
  }
}
