package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.Golden;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
        text.append("\n| reason | appears when |\n|---|---|\n");
        for (Reason reason : Reason.values()) {
            text.append("| `%s` | %s |\n".formatted(reason, reason.appearsWhen()));
        }
        return text.toString();
    }
}
