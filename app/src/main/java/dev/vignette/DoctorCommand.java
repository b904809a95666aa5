package dev.vignette;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/** {@code vignette doctor}: looks whether everything works here, a line a check. */
@Command(
    name = "doctor",
    description =
        "Checks this installation: Java, native build, ABI, devices, and a caption by the embedded model.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    boolean healthy = true;
    for (Finding finding :
        List.of(
            Examination.java(),
            Examination.nativeBuild(),
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
