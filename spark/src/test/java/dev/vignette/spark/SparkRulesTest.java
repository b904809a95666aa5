package dev.vignette.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the transformers may not use: who adds them to a notebook gets no command line. */
class SparkRulesTest {

  @Test
  void transformersKnowNoCommandLine() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.vignette.spark");

    noClasses()
        .that()
        .resideInAPackage("dev.vignette.spark")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.vignette.cli..", "dev.vignette.spark.submit..", "picocli..")
        .check(classes);
  }
}
