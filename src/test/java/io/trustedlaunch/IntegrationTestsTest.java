package io.trustedlaunch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What all tests on real parts keep. */
@AnalyzeClasses(packages = "io.trustedlaunch", importOptions = ImportOption.OnlyIncludeTests.class)
class IntegrationTestsTest {
    @ArchTest
    static final ArchRule theyLeaveTheCommonPoolToTheApiServersAnswers = noClasses()
            .that()
            .haveNameMatching(".*(IT|E2E|Contract)(\\$.*)?")
            .should()
            .callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
            .orShould()
            .callMethod(CompletableFuture.class, "runAsync", Runnable.class)
            .because("on two processors it has one thread; testkit.OwnThread has more");
}
