package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.trustedlaunch.testkit.Golden;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConditionsDocTest {
    @Test
    void theCommittedTableIsTheGeneratedOne() {
        Golden.check(Path.of("docs/conditions.md"), document());
    }

    @ParameterizedTest
    @EnumSource
    void aReasonSaysWhenItAppearsInOneClause(Reason reason) {
        assertThat(reason.appearsWhen()).isNotBlank().doesNotEndWith(".").doesNotContain("|", "\n");
    }

    /** The description of {@code status.conditions} in the CRD. */
    @ParameterizedTest
    @MethodSource
    void aKindNamesItsConditions(Class<?> status, ConditionType type) {
        assertThat(new Javadoc().of(status, "conditions").orElseThrow()).containsPattern("\\b" + type + "\\b");
    }

    static Stream<Arguments> aKindNamesItsConditions() {
        return new ClassFileImporter()
                .importPackages("io.trustedlaunch.api").stream()
                        .filter(found -> found.isAssignableTo(Conditioned.class) && !found.isInterface())
                        .map(JavaClass::reflect)
                        .flatMap(status -> Arrays.stream(ConditionType.values())
                                .filter(type -> type.meaning().contains(kind(status) + ":"))
                                .map(type -> Arguments.of(status, type)));
    }

    private static String kind(Class<?> status) {
        return status.getSimpleName().replaceFirst("Status$", "");
    }

    private static String document() {
        StringBuilder text = new StringBuilder("""
                # Conditions and reasons

                Generated from `ConditionType` and `Reason` by `bin/generate`: change it there.

                Every condition has a status, one of the reasons below, and a message with the facts about this object
                and what to do next. Events and the status of a VMIncarnation use the same reasons.

                | condition | meaning |
                |---|---|
                """);
        for (ConditionType type : ConditionType.values()) {
            text.append("| `%s` | %s |\n".formatted(type, type.meaning()));
        }
        text.append("""

                ## Reasons

                **Stalled**: an object that is not as its spec requests has condition `Stalled` with this reason, because only a
                person can help, and `Reconciling` with any other. No agent's word is one of these.
                [health.md](health.md) describes both.

                | reason | appears when | stalled |
                |---|---|---|
                """);
        for (Reason reason : Reason.values()) {
            text.append("| `%s` | %s |%s|\n"
                    .formatted(reason, reason.appearsWhen(), reason.remedy() == Remedy.Person ? " Stalled " : " "));
        }
        return text.toString();
    }
}
