package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.torch.Torch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What doctor says of PyTorch, and the next step. */
class ExaminationTest {

  private static Torch.Installation libtorch(boolean cuda, int gpus) {
    return new Torch.Installation("2.11.0", Path.of("libtorch"), cuda, gpus);
  }

  @Test
  void aCudaLibtorchThatSeesACardIsWell() {
    Finding finding = Examination.torch(libtorch(true, 1), true);
    assertThat(finding.ok()).isTrue();
    assertThat(finding.text()).isEqualTo("libtorch 2.11.0 for CUDA in libtorch sees 1 GPU(s)");
  }

  @Test
  void aCudaLibtorchThatSeesNoCardFailsWithTheNextStep() {
    Finding finding = Examination.torch(libtorch(true, 0), true);
    assertThat(finding.ok()).isFalse();
    assertThat(finding.text()).contains("sees no GPU", "nvidia-smi", "torch/build-jni.sh");
  }

  @Test
  void aCpuLibtorchIsWellAndSaysHowACardIsUsed() {
    assertThat(Examination.torch(libtorch(false, 0), true).text())
        .contains("torch/build-jni.sh --torch DIR");
    assertThat(Examination.torch(libtorch(false, 0), false))
        .isEqualTo(Finding.ok("pytorch", "libtorch 2.11.0 for the CPU in libtorch"));
  }
}
