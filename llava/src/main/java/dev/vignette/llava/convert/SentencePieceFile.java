package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@code tokenizer.model}: a protocol buffer of SentencePiece's ModelProto
 * (src/sentencepiece_model.proto, version 0.2), read for what llama.cpp needs of it.
 *
 * @param pieces by token number
 * @param addsSpace whether a text gets a space before it
 */
record SentencePieceFile(List<Piece> pieces, boolean addsSpace) {

  private static final int BPE = 2;

  /**
   * @param text with U+2581 for a space
   * @param score larger ones are merged first
   */
  record Piece(String text, float score, TokenType type) {}

  SentencePieceFile {
    pieces = List.copyOf(pieces);
  }

  /**
   * @throws ConversionException when the file is damaged, or not of the kind that LLaMA's is
   */
  static SentencePieceFile read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Piece> pieces = new ArrayList<>();
    long kind = 1;
    boolean addsSpace = true;
    try {
      for (Message model = new Message(bytes); model.next(); ) {
        switch (model.field) {
          case 1 -> pieces.add(piece(model.message()));
          case 2 -> kind = number(model.message(), 3, kind);
          case 3 -> addsSpace = number(model.message(), 3, 1) != 0;
          default -> model.skip();
        }
      }
    } catch (RuntimeException e) {
      throw new ConversionException(
          "%s is no whole SentencePiece model: wrong at byte %d; get it again"
              .formatted(file, bytes.position()));
    }
    if (kind != BPE || pieces.isEmpty()) {
      throw new ConversionException(
          "%s holds %d pieces by the algorithm %d; LLaMA's are made by BPE (2)"
              .formatted(file, pieces.size(), kind));
    }
    return new SentencePieceFile(pieces, addsSpace);
  }

  private static Piece piece(Message message) {
    String text = "";
    float score = 0;
    TokenType type = TokenType.NORMAL;
    while (message.next()) {
      switch (message.field) {
        case 1 -> text = message.text();
        case 2 -> score = message.float32();
        case 3 -> type = TokenType.values()[Math.toIntExact(message.number()) - 1];
        default -> message.skip();
      }
    }
    return new Piece(text, score, type);
  }

  private static long number(Message message, int field, long otherwise) {
    long number = otherwise;
    while (message.next()) {
      if (message.field == field) {
        number = message.number();
      } else {
        message.skip();
      }
    }
    return number;
  }

  /** The fields of a message in the wire format of protocol buffers, one after the other. */
  private static final class Message {
    private final ByteBuffer bytes;
    private int field;
    private int wireType;

    Message(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    boolean next() {
      if (!bytes.hasRemaining()) {
        return false;
      }
      int tag = Math.toIntExact(varint());
      field = tag >>> 3;
      wireType = tag & 7;
      return true;
    }

    long number() {
      require(0);
      return varint();
    }

    float float32() {
      require(5);
      return bytes.getFloat();
    }

    String text() {
      return StandardCharsets.UTF_8.decode(content()).toString();
    }

    Message message() {
      return new Message(content());
    }

    void skip() {
      switch (wireType) {
        case 0 -> varint();
        case 1 -> bytes.getLong();
        case 2 -> content();
        case 5 -> bytes.getInt();
        default -> throw new IllegalStateException("wire type " + wireType);
      }
    }

    private ByteBuffer content() {
      require(2);
      int length = Math.toIntExact(varint());
      ByteBuffer content = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.position(bytes.position() + length);
      return content;
    }

    private void require(int wanted) {
      if (wireType != wanted) {
        throw new IllegalStateException("wire type " + wireType);
      }
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte next = bytes.get();
        value |= (long) (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalStateException("a number of more than ten bytes");
    }
  }
}
