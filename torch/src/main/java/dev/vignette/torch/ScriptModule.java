package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Functions in TorchScript, compiled by libtorch from text: operations that {@code NDArray} lacks,
 * without an intermediate array for Java to hold, recorded by autograd as if called from Python.
 *
 * <p>The text is put into the archive layout of {@code torch.jit.save} (format version 10): {@code
 * code/__torch__.py}, an object without attributes in {@code data.pkl}, no constants.
 */
public final class ScriptModule implements AutoCloseable {
  private static final String WEIGHTS = "weights[]";

  private final PtSymbolBlock block;

  private ScriptModule(PtSymbolBlock block) {
    this.block = block;
  }

  /**
   * Compiles functions.
   *
   * @param functions methods of a class ({@code def name(self, ...)}), indented by two spaces; the
   *     namespace is that of serialized TorchScript, {@code torch.*} being ATen's operators
   * @throws IllegalStateException when libtorch does not take the text, or has no memory for it;
   *     the cause says which
   */
  public static ScriptModule compile(NDManager manager, String functions) {
    try {
      return new ScriptModule(
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive(functions)), true, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "libtorch does not compile the functions of this program (%s)".formatted(e.getMessage()),
          e);
    }
  }

  private static byte[] archive(String functions) throws IOException {
    String code = "class Fused(Module):\n  __parameters__ = []\n  __buffers__ = []\n" + functions;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      // Pickles, protocol 2: an object of class __torch__.Fused with no attributes; an empty tuple.
      add(
          zip,
          "data.pkl",
          "\u0080\u0002c__torch__\nFused\n)\u0081}b.".getBytes(StandardCharsets.ISO_8859_1));
      add(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      add(zip, "constants.pkl", "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1));
      add(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("fused/" + name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /**
   * Calls a function of tensors.
   *
   * @param manager owner of the results
   * @return the result, or the elements of the tuple that the function returns
   */
  public NDList call(NDManager manager, String function, NDArray... inputs) {
    NDList arguments = new NDList(inputs.length + 1);
    for (NDArray input : inputs) {
      input.setName(null);
      arguments.add(input);
    }
    return run(manager, function, arguments);
  }

  /** Calls a function whose first argument is a non-empty {@code List[Tensor]}. */
  public NDList call(NDManager manager, String function, NDList weights, NDArray... inputs) {
    NDList arguments = new NDList(weights.size() + inputs.length + 1);
    for (NDArray weight : weights) {
      weight.setName(WEIGHTS);
      arguments.add(weight);
    }
    for (NDArray input : inputs) {
      input.setName(null);
      arguments.add(input);
    }
    return run(manager, function, arguments);
  }

  /** DJL takes the function's name, and the owner of results, from an array put in front. */
  private NDList run(NDManager manager, String function, NDList arguments) {
    try (NDArray name = manager.create(new Shape(0), DataType.UINT8)) {
      name.setName("module_method:" + function);
      arguments.addFirst(name);
      return IValueUtils.forward(block, arguments, true);
    }
  }

  @Override
  public void close() {
    block.close();
  }
}
