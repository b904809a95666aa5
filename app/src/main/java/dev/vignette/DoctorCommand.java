package dev.vignette;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vignette doctor}: looks whether everything works here, a line a check. */
@Command(
    name = "doctor",
    description =
        "Checks this installation: Java, native build, processor, ABI, devices, and a caption by the embedded model.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    boolean healthy = true;
    for (Finding finding :
        List.of(
            Examination.java(),
            Examination.nativeBuild(),
            Examination.processor(),
            Examination.abi(),
            Examination.devices(),
            Examination.embeddedModel())) {
      out.println(finding);
      healthy &= finding.ok();
    }
    out.flush();
    return healthy ? 0 : FailureReport.FAILED;
  }
}
