package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.llama.DeviceRequest.DeviceList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {

  @TempDir Path root;

  @Test
  void severalCardsAreNamedWithCommas() {
    assertThat(DeviceList.parse("cuda:1, CUDA:0").named())
        .containsExactly(new DeviceRequest.Cuda(1), new DeviceRequest.Cuda(0));
    assertThat(DeviceList.parse("auto").find()).containsExactly(new DeviceRequest.Auto());
    assertThat(DeviceList.parse("all").named()).isEmpty();
  }

  @Test
  void ofAllCardsTheFirstIsTakenWhereOnlyOneIsOfUse() {
    assertThat(DeviceList.parse("all").first()).isEqualTo(new DeviceRequest.Cuda(0));
    assertThat(DeviceList.parse("cuda:1,cuda:0").first()).isEqualTo(new DeviceRequest.Cuda(1));
    assertThat(DeviceList.parse("auto").first()).isEqualTo(new DeviceRequest.Auto());
  }

  @Test
  void aListThatMakesNoSenseIsRefusedWithASentence() {
    assertThatThrownBy(() -> DeviceList.parse("cuda:0,cpu"))
        .hasMessageContaining("name one device");
    assertThatThrownBy(() -> DeviceList.parse("cuda,cuda:0"))
        .hasMessageContaining("cuda:0 was named twice");
    assertThatThrownBy(() -> DeviceList.parse("cuda:0,")).hasMessageContaining("not ''");
  }

  @Test
  void theMemoryLeftIsThatOfTheMachineOrOfItsControlGroup() throws IOException {
    HostMemory memory = new HostMemory(root);
    assertThat(memory.availableBytes()).isEmpty();
    write("proc/meminfo", "MemTotal:  9000 kB\nMemFree: 100 kB\nMemAvailable:    5000 kB\n");
    assertThat(memory.availableBytes()).hasValue(5000L << 10);
    write("sys/fs/cgroup/memory.max", "max\n");
    write("sys/fs/cgroup/memory.current", "3000000\n");
    assertThat(memory.availableBytes()).hasValue(5000L << 10);
    write("sys/fs/cgroup/memory.max", "4000000\n");
    write("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 500000\nactive_file 7\n");
    assertThat(memory.availableBytes()).hasValue(1_500_000);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
