package dev.vignette.cli.models;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The miniature LLaVA's files, and copies that say they are of another quantization. */
public final class GgufCopies {
  static final Path ROOT = Path.of(System.getProperty("vignette.root"));
  public static final int F16 = 1;
  public static final int Q4_K_M = 15;
  private static final Path MINI = ROOT.resolve("models/mini");

  private GgufCopies() {}

  static byte[] model() throws IOException {
    return Files.readAllBytes(MINI.resolve("mini-llava-Q8_0.gguf"));
  }

  static byte[] projector() throws IOException {
    return Files.readAllBytes(MINI.resolve("mini-llava-mmproj-f16.gguf"));
  }

  /** The language model with another number in {@code general.file_type}. */
  public static byte[] model(int fileType) throws IOException {
    byte[] content = model();
    byte[] key = "general.file_type".getBytes(StandardCharsets.US_ASCII);
    int at = 0;
    while (!startsWith(content, at, key)) {
      at++;
    }
    int value = at + key.length + Integer.BYTES; // behind the key stands the type of the value
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(value, fileType);
    return content;
  }

  private static boolean startsWith(byte[] content, int at, byte[] key) {
    for (int i = 0; i < key.length; i++) {
      if (content[at + i] != key[i]) {
        return false;
      }
    }
    return true;
  }
}
