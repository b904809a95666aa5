package dev.vignette.llama.internal;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one native call that all C functions of integers and pointers share, eight arguments at most.
 *
 * <p>Each goes as a 64-bit word, which is how the calling conventions of 64-bit systems pass it: in
 * a register or in eight bytes of stack, of which the function reads as many bits as its parameter
 * has. Words that it has no parameter for are not read; the caller takes them off the stack again.
 * A function that takes or returns a struct or a floating-point number cannot be called so.
 *
 * <p>The pointers go a second time behind the words, as segments: these the function does not read
 * either, but Java checks them (native memory, alive, of this thread if confined) and keeps them
 * open until the call returns, as it does for any downcall.
 */
public final class WordCall {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final ValueLayout HELD = ValueLayout.ADDRESS;

  @SuppressWarnings("restricted")
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD, HELD, HELD, HELD, HELD));

  private WordCall() {}

  /** The call, which is linked by then. */
  public static MethodHandle link() {
    return CALL;
  }

  /**
   * Calls {@code function} with eight words, while four segments are held open.
   *
   * @return the word that it returns, of which the upper bits mean nothing where its type is
   *     narrower
   */
  public static long call(
      MemorySegment function,
      long word0,
      long word1,
      long word2,
      long word3,
      long word4,
      long word5,
      long word6,
      long word7,
      MemorySegment held0,
      MemorySegment held1,
      MemorySegment held2,
      MemorySegment held3) {
    try {
      return (long)
          CALL.invokeExact(
              function, word0, word1, word2, word3, word4, word5, word6, word7, held0, held1, held2,
              held3);
    } catch (Error | RuntimeException failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new AssertionError("native calls throw nothing else", failure);
    }
  }

  /** A C bool as a function returned it: eight bits. */
  public static boolean isTrue(long word) {
    return (word & 0xFF) != 0;
  }

  /** A pointer as a function returned it, to memory of unknown size. */
  @SuppressWarnings("restricted")
  public static MemorySegment pointer(long word) {
    return MemorySegment.ofAddress(word).reinterpret(Long.MAX_VALUE);
  }
}
