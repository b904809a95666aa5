package dev.vignette.llava.convert;

import dev.vignette.weights.TensorData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes float16 tensors as {@code torch.save} does: a pickle and one entry a storage in a zip. */
final class TorchArchive {

  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchArchive() {}

  static void write(Path file, Map<String, TensorData> tensors) throws IOException {
    TorchArchive archive = new TorchArchive();
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "archive/data.pkl", archive.pickled(tensors));
      int key = 0;
      for (TensorData tensor : tensors.values()) {
        ByteBuffer bytes = tensor.source().bytes();
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        store(zip, "archive/data/" + key++, content);
      }
    }
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** {@code {name: _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())}}. */
  private byte[] pickled(Map<String, TensorData> tensors) {
    bytes(0x80, 2, '}', '(');
    int key = 0;
    for (var entry : tensors.entrySet()) {
      long[] shape = entry.getValue().shape().toArray();
      text(entry.getKey());
      global("torch._utils", "_rebuild_tensor_v2");
      bytes('(', '(');
      text("storage");
      global("torch", "HalfStorage");
      text(String.valueOf(key++));
      text("cpu");
      number(entry.getValue().shape().size());
      bytes('t', 'Q');
      number(0);
      numbers(shape);
      long[] strides = new long[shape.length];
      long stride = 1;
      for (int i = shape.length - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape[i];
      }
      numbers(strides);
      bytes(0x89);
      global("collections", "OrderedDict");
      bytes(')', 'R', 't', 'R');
    }
    bytes('u', '.');
    return pickle.toByteArray();
  }

  private void numbers(long[] numbers) {
    bytes('(');
    for (long number : numbers) {
      number(number);
    }
    bytes('t');
  }

  private void number(long number) {
    bytes('J');
    pickle.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) number).array());
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    bytes('X');
    pickle.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    pickle.writeBytes(utf8);
  }

  private void global(String module, String name) {
    bytes('c');
    pickle.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void bytes(int... values) {
    for (int value : values) {
      pickle.write(value);
    }
  }
}
