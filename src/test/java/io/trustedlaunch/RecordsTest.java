package io.trustedlaunch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** How records are made, in the product and in its tests. */
@AnalyzeClasses(packages = "io.trustedlaunch")
class RecordsTest {
    private static final int MOST_BY_POSITION = 5;

    @ArchTest
    static final ArchRule largeRecordsAreBuiltByName = noClasses()
            .that(describe("are no generated builders", type -> !isBuilder(type)))
            .should()
            .accessTargetWhere(describe(
                    "the canonical constructor of a record of more than five components is called",
                    RecordsTest::buildsByPosition))
            .because("at the fifth null a reader counts, and a new component would touch every place");

    private static boolean buildsByPosition(JavaAccess<?> access) {
        return access instanceof JavaConstructorCall call
                && call.getTargetOwner().isRecord()
                && call.getTarget().getRawParameterTypes().size() > MOST_BY_POSITION
                // A constructor that leaves some components to their defaults.
                && !(call.getOrigin().isConstructor() && call.getOriginOwner().equals(call.getTargetOwner()));
    }

    /** The annotation that marks generated code is not in class files: the shape has to do. */
    private static boolean isBuilder(JavaClass type) {
        JavaClass outermost = type.getEnclosingClass().orElse(type);
        return outermost.getSimpleName().endsWith("Builder")
                && outermost.tryGetMethod("build").isPresent();
    }
}
