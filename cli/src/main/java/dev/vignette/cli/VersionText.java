package dev.vignette.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints: the program, the Java it runs on, the llama.cpp it is made for.
 */
final class VersionText implements IVersionProvider {

  @Override
  public String[] getVersion() throws IOException {
    return new String[] {
      "vignette " + property("/dev/vignette/cli/version.properties", "version"),
      "Java " + Runtime.version(),
      "llama.cpp " + property("/dev/vignette/llama/llama.properties", "version")
    };
  }

  private static String property(String resource, String key) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = VersionText.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("this build lacks " + resource + "; build it anew with mvn package");
      }
      properties.load(in);
    }
    return properties.getProperty(key);
  }
}
