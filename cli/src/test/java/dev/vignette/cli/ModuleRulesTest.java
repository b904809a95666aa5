package dev.vignette.cli;

import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows between the modules, and the habits of naming, as docs/decisions say them. */
class ModuleRulesTest {

  private static JavaClasses vignette;

  @BeforeAll
  static void read() {
    vignette =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.vignette");
  }

  /** What each module may use of the others; the program uses them all. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("files", List.of()),
          Map.entry("images", List.of()),
          Map.entry("decoding", List.of()),
          Map.entry("weights", List.of()),
          Map.entry("hub", List.of()),
          Map.entry("captions", List.of("files", "images", "decoding")),
          Map.entry("attention", List.of("files", "images", "captions")),
          Map.entry("llama", List.of("files")),
          Map.entry(
              "llava",
              List.of("llama", "weights", "files", "images", "decoding", "captions", "attention")),
          Map.entry("torch", List.of("weights")),
          Map.entry("eval", List.of("files", "images", "captions", "attention")),
          Map.entry("eval.clip", List.of("eval", "torch", "files", "images", "captions")),
          Map.entry(
              "captioner",
              List.of(
                  "torch",
                  "weights",
                  "files",
                  "images",
                  "decoding",
                  "captions",
                  "attention",
                  "eval",
                  "eval.clip")));

  /** The module of a class: the longest of the names above that its package begins with. */
  private static String moduleOf(JavaClass type) {
    String name = type.getPackageName();
    return ARROWS.keySet().stream()
        .filter(module -> (name + ".").startsWith("dev.vignette." + module + "."))
        .max(Comparator.comparingInt(String::length))
        .orElse("cli");
  }

  @Test
  void arrowsBetweenModulesPointDownward() {
    List<String> against = new ArrayList<>();
    for (JavaClass type : vignette) {
      String from = moduleOf(type);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String to = moduleOf(target);
        if (target.getPackageName().startsWith("dev.vignette")
            && !from.equals("cli")
            && !from.equals(to)
            && !ARROWS.getOrDefault(from, List.of()).contains(to)) {
          against.add(dependency.getDescription());
        }
      }
    }
    assertThat(against).isEmpty();
  }

  /**
   * Types that each module exports to everybody; what is exported to our own modules by name, or to
   * nobody, does not count. They may get fewer.
   */
  private static final Map<String, Integer> MOST_EXPORTED =
      Map.ofEntries(
          Map.entry("attention", 11),
          Map.entry("bindings", 13),
          Map.entry("captioner", 15),
          Map.entry("captions", 22),
          Map.entry("decoding", 3),
          Map.entry("eval", 24),
          Map.entry("eval-clip", 0),
          Map.entry("files", 2),
          Map.entry("hub", 7),
          Map.entry("images", 4),
          Map.entry("llava", 17),
          Map.entry("torch", 0),
          Map.entry("weights", 1));

  private static final Pattern EXPORTED = Pattern.compile("exports ([\\w.]+)(;| to)");

  @Test
  void aModuleExportsWhatItsUsersAreMeantToUse() throws IOException {
    for (Map.Entry<String, Integer> module : MOST_EXPORTED.entrySet()) {
      Set<String> exported = exports(module.getKey(), ";");
      List<String> types =
          vignette.stream()
              .filter(type -> exported.contains(type.getPackageName()))
              .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(PUBLIC))
              .map(JavaClass::getName)
              .sorted()
              .toList();
      assertThat(types).as(module.getKey()).hasSizeLessThanOrEqualTo(module.getValue());
    }
  }

  /** On the class path, where a module's declaration holds nobody back. */
  @Test
  void whatAModuleDoesNotExportIsUsedByTheProgramOnly() throws IOException {
    Set<String> exported = new HashSet<>();
    for (String module : MOST_EXPORTED.keySet()) {
      exported.addAll(exports(module, ";"));
      exported.addAll(exports(module, " to"));
    }
    List<String> against = new ArrayList<>();
    for (JavaClass type : vignette) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String from = moduleOf(type);
        String to = moduleOf(target);
        if (target.getPackageName().startsWith("dev.vignette.")
            && !from.equals("cli")
            && !from.equals(to)
            && !exported.contains(target.getPackageName())) {
          against.add(dependency.getDescription());
        }
      }
    }
    assertThat(against).as("uses of packages that are not exported").isEmpty();
  }

  /** The packages of a module's declaration whose export goes on so. */
  private static Set<String> exports(String module, String end) throws IOException {
    Path declaration = ProgramRun.ROOT.resolve(module + "/src/main/java/module-info.java");
    return EXPORTED
        .matcher(Files.readString(declaration))
        .results()
        .filter(found -> found.group(2).equals(end))
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void noLibraryBringsTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.vignette.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "me.tongfei..")
        .check(vignette);
  }

  @Test
  void onlyWhatNeedsPyTorchKnowsIt() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.vignette.torch..", "dev.vignette.captioner..", "dev.vignette.eval.clip..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(vignette);
  }

  @Test
  void onlyTheBindingsTouchGeneratedCodeAndNativeMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.vignette.llama..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.vignette.llama.internal..")
        .check(vignette);
    noClasses()
        .that()
        .resideInAnyPackage("dev.vignette.cli..", "dev.vignette.llava..", "dev.vignette.captions..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(vignette);
  }

  @Test
  void noPublicMethodOfTheBindingsShowsAPointer() {
    noMethods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAnyPackage("dev.vignette.llama", "dev.vignette.weights.gguf")
        .should()
        .haveRawReturnType("java.lang.foreign.MemorySegment")
        .orShould()
        .haveRawParameterTypes("java.lang.foreign.MemorySegment")
        .check(vignette);
  }

  @Test
  void theProgramExitsInOnePlace() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.vignette.cli.Vignette")
        .and()
        .doNotHaveFullyQualifiedName("dev.vignette.cli.StartupTraining")
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(vignette);
  }

  @Test
  void noClassIsNamedForNothing() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Pair")
        .check(vignette);
  }

  @Test
  void ownersOfNativeMemoryAreClosed() {
    classes()
        .that()
        .haveFullyQualifiedName("dev.vignette.llama.LlamaModel")
        .or()
        .haveFullyQualifiedName("dev.vignette.llama.LlamaContext")
        .or()
        .haveFullyQualifiedName("dev.vignette.llama.VisionProjector")
        .or()
        .areAssignableTo("dev.vignette.llama.Batch")
        .should()
        .beAssignableTo(AutoCloseable.class)
        .check(vignette);
  }
}
