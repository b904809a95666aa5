package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.internal.NativeLibrary.NativeEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class NativeEnvironmentTest {

  @Test
  void largeBlocksCanBeKept() {
    assertThat(NativeEnvironment.keepLargeBlocks()).isTrue();
  }

  @Test
  void threadsThatWaitForOthersSleepSoonUnlessTheUserSaysOtherwise() throws Throwable {
    assumeTrue(
        System.getenv("GOMP_SPINCOUNT") == null && System.getenv("OMP_WAIT_POLICY") == null,
        "the environment says how OpenMP waits");
    NativeLibrary.load(new DeviceRequest.Cpu());

    assertThat(nativeValue("GOMP_SPINCOUNT")).isEqualTo("1000");
  }

  @SuppressWarnings("restricted")
  private static String nativeValue(String name) throws Throwable {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value =
          (MemorySegment)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("getenv"),
                      FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS))
                  .invokeExact(arena.allocateFrom(name));
      return value.reinterpret(64).getString(0);
    }
  }
}
