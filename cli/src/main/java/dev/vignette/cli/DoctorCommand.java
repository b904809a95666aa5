package dev.vignette.cli;

import dev.vignette.cli.run.ExitCodes;
import dev.vignette.llama.LlamaRuntime;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vignette doctor}: looks whether everything works here, a line a check. */
@Command(
    name = "doctor",
    description =
        "Checks this installation: Java, native build, processor, ABI, devices, a caption by the embedded model, and PyTorch.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    boolean healthy = true;
    LlamaRuntime.setLogLevel(System.Logger.Level.OFF); // what it says is in the findings
    Map<String, Supplier<Finding>> checks = new LinkedHashMap<>();
    checks.put("java", Examination::java);
    checks.put("native build", Examination::nativeBuild);
    checks.put("processor", Examination::processor);
    checks.put("abi", Examination::abi);
    checks.put("devices", Examination::devices);
    checks.put("caption", Examination::embeddedModel);
    checks.put("pytorch", Examination::torch);
    for (Map.Entry<String, Supplier<Finding>> check : checks.entrySet()) {
      Finding finding = look(check.getKey(), check.getValue());
      out.println(finding);
      healthy &= finding.ok();
    }
    out.flush();
    return healthy ? ExitCodes.DONE : ExitCodes.FAILED;
  }

  /** What a check finds; one that cannot be carried out has failed, and the next ones go on. */
  static Finding look(String subject, Supplier<Finding> check) {
    try {
      return check.get();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      return Finding.failed(subject, FailureReport.sentence(e));
    }
  }
}
