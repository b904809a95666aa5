package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Recognizes what people give in place of a GGUF file by its first bytes, and says what to do about
 * it.
 */
final class ForeignFormat {

  private static final int HEAD_BYTES = 4096;
  private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";
  private static final String LFS_SIZE = "\nsize ";

  private static final String CONVERT =
      "Convert it to GGUF with llama.cpp's convert_hf_to_gguf.py, or get the GGUF file";
  private static final String CONVERT_OLD =
      "llama.cpp stopped reading it in August 2023: get a GGUF file of the model, or convert the original again";
  private static final String UNPACK = "Unpack it and give the GGUF file inside";
  private static final String DOWNLOAD_FILE =
      "Download the file itself: on Hugging Face the link has /resolve/ in it, not /blob/, and some models want a login";

  /** The beginning of a kind of file, one char a byte. */
  private record Signature(String start, String what, String remedy) {}

  private static final List<Signature> SIGNATURES =
      List.of(
          new Signature("FUGG", "a big-endian GGUF file", "Get the little-endian file"),
          new Signature("lmgg", "a GGML model, the unversioned format before GGUF", CONVERT_OLD),
          new Signature("fmgg", "a GGMF model, a format before GGUF", CONVERT_OLD),
          new Signature("tjgg", "a GGJT model, the format before GGUF", CONVERT_OLD),
          new Signature("algg", "a GGLA adapter (LoRA), a format before GGUF", CONVERT_OLD),
          new Signature("ggml", "a GGML model, the unversioned format before GGUF", CONVERT_OLD),
          new Signature("ggmf", "a GGMF model, a format before GGUF", CONVERT_OLD),
          new Signature("ggjt", "a GGJT model, the format before GGUF", CONVERT_OLD),
          new Signature("ggla", "a GGLA adapter (LoRA), a format before GGUF", CONVERT_OLD),
          new Signature(
              "PK\u0003\u0004", "a ZIP archive, as PyTorch's .bin and .pth files are", CONVERT),
          new Signature("\u0080\u0002", "a Python pickle, an old PyTorch file", CONVERT),
          new Signature("\u0089HDF\r\n", "an HDF5 file, as Keras writes", CONVERT),
          new Signature("\u001f\u008b", "compressed with gzip", UNPACK),
          new Signature("(\u00b5/\u00fd", "compressed with zstd", UNPACK),
          new Signature("\u00fd7zXZ", "compressed with xz", UNPACK),
          new Signature("7z\u00bc\u00af", "a 7-Zip archive", UNPACK),
          new Signature(
              "\u0089PNG", "a PNG image", "Give the model and the image in their own places"),
          new Signature(
              "\u00ff\u00d8\u00ff",
              "a JPEG image",
              "Give the model and the image in their own places"));

  private ForeignFormat() {}

  /** Says what is in the place of a GGUF file that does not begin as one; consumes nothing. */
  static InvalidModelFileException refusal(HeaderReader in) throws IOException {
    if (in.size() == 0) {
      return refusal(in.file(), "is empty: 0 bytes", InvalidModelFileException.DOWNLOAD_AGAIN);
    }
    byte[] head = in.peek(HEAD_BYTES);
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (in.size() < HeaderParser.MAGIC.length()) {
      return refusal(
          in.file(),
          "is too short to be a GGUF file: %d bytes".formatted(in.size()),
          InvalidModelFileException.DOWNLOAD_AGAIN);
    }
    for (Signature signature : SIGNATURES) {
      if (text.startsWith(signature.start())) {
        return refusal(in.file(), "is not a GGUF file but " + signature.what(), signature.remedy());
      }
    }
    return isText(text)
        ? refusedText(in.file(), head, text)
        : refusedBinary(in.file(), head, in.size());
  }

  private static InvalidModelFileException refusedText(Path file, byte[] head, String text) {
    if (text.startsWith(LFS_POINTER)) {
      return refusal(
          file,
          "is a Git LFS pointer, not the file of " + lfsSize(text) + " it stands for",
          "Run 'git lfs install' and 'git lfs pull' in its folder, or download the file itself");
    }
    String start = text.replace("\u00ef\u00bb\u00bf", "").strip().toLowerCase(Locale.ROOT);
    if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
      return refusal(
          file, "is a web page, not a GGUF file: the download went wrong", DOWNLOAD_FILE);
    }
    return refusal(
        file,
        "is a text file, not a GGUF file; it begins "
            + quoted(new String(head, StandardCharsets.UTF_8).strip()),
        "If it was downloaded, the text may say why that failed. " + DOWNLOAD_FILE);
  }

  private static InvalidModelFileException refusedBinary(Path file, byte[] head, long size) {
    if (isSafetensors(head, size)) {
      return refusal(file, "is not a GGUF file but a safetensors file", CONVERT);
    }
    for (byte value : head) {
      if (value != 0) {
        String start = HexFormat.ofDelimiter(" ").formatHex(head, 0, HeaderParser.MAGIC.length());
        return refusal(
            file,
            "is not a GGUF file: it begins with the bytes "
                + start
                + ", not with 'GGUF' (47 47 55 46)",
            "Give a model in GGUF format");
      }
    }
    return refusal(
        file,
        "begins with zeros: a download that reserved its space and did not finish",
        "Download it again");
  }

  /**
   * A safetensors file begins with the length of its JSON header, 8 bytes little-endian, and the
   * header.
   */
  private static boolean isSafetensors(byte[] head, long size) {
    if (head.length <= Long.BYTES || head[Long.BYTES] != '{') {
      return false;
    }
    long headerBytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return headerBytes > 0 && headerBytes <= size - Long.BYTES;
  }

  private static String lfsSize(String pointer) {
    int start = pointer.indexOf(LFS_SIZE) + LFS_SIZE.length();
    String digits = pointer.substring(start).lines().findFirst().orElse("").strip();
    return digits.matches("\\d{1,18}") ? number(Long.parseLong(digits)) + " bytes" : "unknown size";
  }

  private static boolean isText(String head) {
    return head.chars()
        .allMatch(c -> (c >= ' ' && c != 0x7F) || c == '\n' || c == '\r' || c == '\t' || c == '\f');
  }

  private static InvalidModelFileException refusal(Path file, String problem, String remedy) {
    return new InvalidModelFileException(file, problem, remedy);
  }
}
