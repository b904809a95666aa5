package dev.vignette.spark.submit;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Opens files where a task runs, on any file system that Spark knows. */
final class HadoopFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<SerializableConfiguration> configuration;

  private HadoopFiles(Broadcast<SerializableConfiguration> configuration) {
    this.configuration = configuration;
  }

  static HadoopFiles of(SparkSession spark) {
    Configuration configuration = spark.sparkContext().hadoopConfiguration();
    return new HadoopFiles(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(new SerializableConfiguration(configuration)));
  }

  FileSystem systemOf(Path path) throws IOException {
    return path.getFileSystem(configuration.value().value());
  }

  /** Opens a file at its beginning. */
  InputStream open(String path) throws IOException {
    Path file = new Path(path);
    return systemOf(file).open(file);
  }

  /**
   * The files of a folder, or a file alone.
   *
   * @param whole whether those in folders below are files of it too
   */
  RemoteIterator<? extends FileStatus> list(Path path, boolean whole) throws IOException {
    FileSystem system = systemOf(path);
    return system.getUri().getScheme().equals("file")
        ? new LocalFiles(system, path, whole)
        : system.listFiles(path, whole);
  }

  /** The folder that all files of an input lie in: what is before the first wildcard. */
  String rootOf(String input) throws IOException {
    Path path = new Path(input);
    while (isGlob(path.toString())) {
      path = path.getParent();
    }
    Path qualified = systemOf(path).makeQualified(path);
    return systemOf(path).getFileStatus(qualified).isFile()
        ? qualified.getParent().toString()
        : qualified.toString();
  }

  private static boolean isGlob(String path) {
    return path.chars().anyMatch(letter -> "*?[{".indexOf(letter) >= 0);
  }

  /** A path relative to a root that {@link #rootOf} gave. */
  static String relative(String root, String path) {
    String plainRoot = plain(root);
    String plainPath = plain(path);
    String prefix = plainRoot.endsWith("/") ? plainRoot : plainRoot + "/";
    return plainPath.startsWith(prefix) ? plainPath.substring(prefix.length()) : plainPath;
  }

  /** {@code file:///a} and {@code file:/a} are one. */
  private static String plain(String path) {
    return path.startsWith("file:///") ? "file:/" + path.substring("file:///".length()) : path;
  }

  /**
   * Files of this machine. Hadoop's own listing starts a process for each of them, to tell its
   * permissions: 15 ms a file.
   */
  private static final class LocalFiles implements RemoteIterator<FileStatus> {
    private final FileSystem system;
    private final boolean whole;
    private final Deque<FileStatus> waiting = new ArrayDeque<>();

    LocalFiles(FileSystem system, Path top, boolean whole) throws IOException {
      this.system = system;
      this.whole = whole;
      waiting.addAll(List.of(system.listStatus(top)));
    }

    @Override
    public boolean hasNext() throws IOException {
      for (FileStatus next = waiting.peek(); next != null && next.isDirectory(); ) {
        waiting.remove();
        if (whole) {
          List.of(system.listStatus(next.getPath())).reversed().forEach(waiting::addFirst);
        }
        next = waiting.peek();
      }
      return !waiting.isEmpty();
    }

    @Override
    public FileStatus next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException("all files have been listed");
      }
      return waiting.remove();
    }
  }
}
