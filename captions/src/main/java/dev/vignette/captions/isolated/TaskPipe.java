package dev.vignette.captions.isolated;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How texts and captions go through the pipes of an {@link IsolatedWorker}. */
final class TaskPipe {
  /** The first thing that the process of the model says. */
  static final int READY = 0x56494743;

  /**
   * Where the process of the model answers. Its standard output is the standard error of the other
   * end: Java itself writes there when native code ends the process, and libraries may.
   */
  static final Path ANSWERS = Path.of("/dev/fd/3");

  /** Starts its arguments so, in a shell. */
  static final String APART = "exec \"$@\" 3>&1 1>&2";

  private TaskPipe() {}

  static void writeDetails(DataOutputStream out, CaptionDetails details) throws IOException {
    writeText(out, details.caption());
    out.writeInt(details.tokens().size());
    for (ScoredToken token : details.tokens()) {
      out.writeInt(token.id());
      out.writeFloat(token.logProbability());
    }
    out.writeDouble(details.score());
    out.writeDouble(details.encodeMillis());
    out.writeDouble(details.prefillMillis());
    out.writeDouble(details.decodeMillis());
    out.writeBoolean(details.stopped());
  }

  static CaptionDetails readDetails(DataInputStream in) throws IOException {
    String caption = readText(in);
    List<ScoredToken> tokens = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      tokens.add(new ScoredToken(in.readInt(), in.readFloat()));
    }
    return new CaptionDetails(
        caption,
        tokens,
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readBoolean());
  }

  static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
