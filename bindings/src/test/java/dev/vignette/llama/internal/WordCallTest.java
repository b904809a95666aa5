package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** By functions of the C library: of none, one and more parameters, narrow and wide ones. */
class WordCallTest {
  private static final MemorySegment NULL = MemorySegment.NULL;

  private static MemorySegment function(String name) {
    return Linker.nativeLinker().defaultLookup().findOrThrow(name);
  }

  private static long call(String name, long first, long second, long third, MemorySegment held) {
    return WordCall.call(
        function(name), first, second, third, 0, 0, 0, 0, 0, held, NULL, NULL, NULL);
  }

  @Test
  void intsAndLongsAreTakenAndReturnedWithTheirSigns() {
    assertThat((int) call("abs", -7, 0, 0, NULL)).isEqualTo(7);
    assertThat((int) call("abs", 0xFFFF_FFFF_0000_0005L, 0, 0, NULL)).isEqualTo(5);
    assertThat(call("labs", -(1L << 40), 0, 0, NULL)).isEqualTo(1L << 40);
    assertThat((int) call("toupper", 'v', 0, 0, NULL)).isEqualTo('V');
    assertThat(WordCall.isTrue(0xFFFF_FF00L)).isFalse();
    assertThat(WordCall.isTrue(0xFFFF_FF01L)).isTrue();
  }

  @Test
  void pointersAreTakenAndReturned() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom("a bird");
      assertThat(call("strlen", text.address(), 0, 0, text)).isEqualTo(6);
      MemorySegment found = WordCall.pointer(call("strchr", text.address(), 'b', 0, text));
      assertThat(found.getString(0)).isEqualTo("bird");
      assertThat(WordCall.pointer(call("strchr", text.address(), 'z', 0, text))).isEqualTo(NULL);
    }
  }

  @Test
  void eightArgumentsArriveInTheirPlaces() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(64);
      MemorySegment form = arena.allocateFrom("%d %d %d %d %d");
      // snprintf takes a variable number of arguments; those of integers go as any others here
      long length =
          WordCall.call(
              function("snprintf"),
              out.address(),
              64,
              form.address(),
              -1,
              2,
              3,
              4,
              5,
              out,
              form,
              NULL,
              NULL);
      assertThat((int) length).isEqualTo(10);
      assertThat(out.getString(0)).isEqualTo("-1 2 3 4 5");
    }
  }

  @Test
  void whatIsClosedOrOfAnotherThreadOrOnTheHeapIsRefusedBeforeTheCall() {
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocateFrom("gone");
      MemorySegment confined = closed;
      CompletableFuture<Long> elsewhere =
          CompletableFuture.supplyAsync(() -> call("strlen", confined.address(), 0, 0, confined));
      assertThatThrownBy(elsewhere::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(WrongThreadException.class);
    }
    assertThatThrownBy(() -> call("strlen", closed.address(), 0, 0, closed))
        .isInstanceOf(IllegalStateException.class);
    MemorySegment heap = MemorySegment.ofArray(new byte[4]);
    assertThatThrownBy(() -> call("strlen", heap.address(), 0, 0, heap))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
