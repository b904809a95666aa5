package dev.vignette.captions.run;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How prepared images go through a pipe between processes.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public interface PreparedImagePipe<P> {
  /** Writes a prepared image. */
  void write(P prepared, DataOutputStream out) throws IOException;

  /** Reads what {@link #write} wrote. */
  P read(DataInputStream in) throws IOException;
}
