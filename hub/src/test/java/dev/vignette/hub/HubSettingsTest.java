package dev.vignette.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @TempDir Path home;

  private HubSettings of(Map<String, String> environment) {
    return HubSettings.of(environment, home);
  }

  @Test
  void defaultsAreThoseOfHuggingFacesClient() {
    HubSettings settings = of(Map.of());

    assertThat(settings.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(settings.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(settings.token()).isEmpty();
    assertThat(settings.offline()).isFalse();
  }

  @Test
  void theVariablesMoveTheCache() {
    assertThat(of(Map.of("HF_HOME", "~/hf")).cache()).isEqualTo(home.resolve("hf/hub"));
    assertThat(of(Map.of("HF_HOME", "/hf", "HF_HUB_CACHE", "/cache")).cache())
        .isEqualTo(Path.of("/cache"));
    assertThat(of(Map.of("XDG_CACHE_HOME", "/xdg")).cache())
        .isEqualTo(Path.of("/xdg/huggingface/hub"));
  }

  @Test
  void theTokenIsTheVariablesElseTheFiles() throws IOException {
    Path file = home.resolve(".cache/huggingface/token");
    Files.createDirectories(file.getParent());
    Files.writeString(file, " hf_file\n");

    assertThat(of(Map.of()).token()).contains("hf_file");
    assertThat(of(Map.of("HF_TOKEN", "hf_variable")).token()).contains("hf_variable");
    assertThat(of(Map.of("HF_TOKEN", "hf_variable")).toString()).doesNotContain("hf_");
  }

  @Test
  void theTokenIsShownToTheEndpointOnlyAndNeverReadably() {
    HubSettings settings = of(Map.of("HF_TOKEN", "hf_x"));
    assertThat(settings.mayShowTokenTo(URI.create("https://huggingface.co/a/b"))).isTrue();
    assertThat(settings.mayShowTokenTo(URI.create("https://huggingface.co:443/a"))).isTrue();
    assertThat(settings.mayShowTokenTo(URI.create("https://cdn.huggingface.co/a"))).isFalse();
    assertThat(settings.mayShowTokenTo(URI.create("https://huggingface.co.evil/a"))).isFalse();
    assertThat(settings.mayShowTokenTo(URI.create("https://huggingface.co:8443/a"))).isFalse();
    assertThat(settings.mayShowTokenTo(URI.create("http://huggingface.co/a"))).isFalse();

    HubSettings plain = of(Map.of("HF_TOKEN", "hf_x", "HF_ENDPOINT", "http://mirror.example"));
    assertThat(plain.mayShowTokenTo(URI.create("http://mirror.example/a"))).isFalse();

    HubSettings here = of(Map.of("HF_TOKEN", "hf_x", "HF_ENDPOINT", "http://127.0.0.1:8080/"));
    assertThat(here.mayShowTokenTo(URI.create("http://127.0.0.1:8080/a"))).isTrue();
    assertThat(here.mayShowTokenTo(URI.create("http://127.0.0.1:8081/a"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "YES", "on"})
  void offlineIsAskedForAsInPython(String value) {
    assertThat(of(Map.of("HF_HUB_OFFLINE", value)).offline()).isTrue();
    assertThat(of(Map.of("HF_HUB_OFFLINE", "0")).offline()).isFalse();
  }

  @Test
  void anEndpointThatIsNoAddressIsRefused() {
    for (String wrong : List.of("http://[::1", "https://hub:99999", "http://a b")) {
      assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("HF_ENDPOINT", wrong, "https://huggingface.co");
    }
    assertThatThrownBy(() -> of(Map.of("HTTPS_PROXY", "http://proxy:99999")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("HTTPS_PROXY", "99999", "1 to 65535");
    assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", "huggingface.co")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HF_ENDPOINT");
  }

  @Test
  void proxiesAreThoseOfTheVariables() {
    HubSettings settings =
        of(
            Map.of(
                "HTTPS_PROXY", "http://127.0.0.1:3128",
                "no_proxy", "localhost,.inside.example"));

    assertThat(settings.proxies().select(URI.create("https://huggingface.co/")))
        .extracting(Proxy::address)
        .containsExactly(InetSocketAddress.createUnresolved("127.0.0.1", 3128));
    assertThat(settings.proxies().select(URI.create("http://huggingface.co/")))
        .containsExactly(Proxy.NO_PROXY);
    assertThat(settings.proxies().select(URI.create("https://hub.inside.example/")))
        .containsExactly(Proxy.NO_PROXY);
  }

  @Test
  void aProxyWithAPasswordIsRefusedWithoutSayingIt() {
    assertThatThrownBy(() -> of(Map.of("HTTPS_PROXY", "http://me:secret@proxy:3128")))
        .hasMessageContaining("HTTPS_PROXY")
        .message()
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b/c",
        "../b",
        "a/..",
        "a//b",
        "a/b--c",
        "a b/c",
        "/a/b",
        "a/b@",
        "a/b@../x",
        "a/b@/x",
        "a\\b"
      })
  void namesThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> ModelReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ModelReference.isPlausible(text)).isFalse();
  }

  @Test
  void aReferenceHasARevisionAndAVariant() {
    ModelReference reference = ModelReference.parse("org/a.model-v1@refs/pr/3:Q4_K_M");

    assertThat(reference.name().text()).isEqualTo("org/a.model-v1");
    assertThat(reference.revision()).isEqualTo("refs/pr/3");
    assertThat(reference.variant()).contains("Q4_K_M");
    assertThat(reference).hasToString("org/a.model-v1@refs/pr/3:Q4_K_M");
    assertThat(ModelReference.parse("gpt2").revision()).isEqualTo("main");
    assertThat(ModelReference.isPlausible("gpt2")).as("a word may be a path").isFalse();
  }

  @Test
  void sizesAreReadable() {
    assertThat(ByteCount.text(734)).isEqualTo("734 bytes");
    assertThat(ByteCount.text(4_081_004_224L)).isEqualTo("4.08 GB");
    assertThat(ByteCount.text(999_999)).isEqualTo("1.00 MB");
    assertThat(ByteCount.text(12_345)).isEqualTo("12.3 kB");
  }
}
