package dev.vignette.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
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
            .importPackages("dev.vignette");
  }

  @Test
  void captionsKnowsNoEngine() {
    noClasses()
        .that()
        .resideInAPackage("dev.vignette.captions..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.vignette.llama..",
            "dev.vignette.llava..",
            "dev.vignette.torch..",
            "dev.vignette.captioner..",
            "dev.vignette.eval..",
            "ai.djl..",
            "java.lang.foreign..")
        .check(vignette);
  }

  @Test
  void weightsKnowNoEngineAndNoOtherModule() {
    noClasses()
        .that()
        .resideInAPackage("dev.vignette.weights..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.vignette.captions..",
            "dev.vignette.llama..",
            "dev.vignette.llava..",
            "dev.vignette.torch..",
            "dev.vignette.captioner..",
            "dev.vignette.eval..",
            "ai.djl..",
            "tools.jackson.databind..")
        .check(vignette);
  }

  @Test
  void evaluationKnowsNoProducer() {
    noClasses()
        .that()
        .resideInAPackage("dev.vignette.eval..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.vignette.llava..", "dev.vignette.captioner..", "dev.vignette.llama..")
        .check(vignette);
    noClasses()
        .that()
        .resideInAPackage("dev.vignette.torch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.vignette.llava..",
            "dev.vignette.captioner..",
            "dev.vignette.llama..",
            "dev.vignette.eval..")
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
        .resideInAnyPackage("dev.vignette", "dev.vignette.llava..", "dev.vignette.captions..")
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
        .or()
        .haveFullyQualifiedName("dev.vignette.llama.Sampler")
        .should()
        .beAssignableTo(AutoCloseable.class)
        .check(vignette);
  }
}
