package io.trustedlaunch.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Remedy;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HealthTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String MESSAGE = "GuestImage ws2022 is refused: add a rule";

    @Test
    void anObjectThatIsAsItsSpecRequestsHasNoConditionMore() {
        assertThat(all(ConditionType.Ready, State.True, Reason.Halted)).containsExactly("Ready");
        assertThat(all(ConditionType.Open, State.True, Reason.ConsoleOpen)).containsExactly("Open");
    }

    @ParameterizedTest
    @EnumSource
    void theRemedyOfItsReasonSaysWhetherAnObjectIsStalled(Reason reason) {
        String expected = reason.remedy() == Remedy.Person ? "Stalled" : "Reconciling";
        assertThat(all(ConditionType.Ready, State.False, reason)).containsExactly("Ready", expected);
        assertThat(all(ConditionType.Migrated, State.Unknown, reason)).containsExactly("Migrated", expected);
    }

    @Test
    void whatHasEndedIsCompleteOrFailedAndNeverReconciling() {
        assertThat(all(ConditionType.Completed, State.True, Reason.BackupCompleted))
                .containsExactly("Completed", "Complete");
        assertThat(all(ConditionType.Completed, State.False, Reason.DiskCopyFailed))
                .containsExactly("Completed", "Failed", "Stalled");
    }

    @Test
    void itSharesReasonAndMessageAndHasItsOwnTime() {
        Conditions conditions = new Conditions(List.of(), 3L, NOON);
        Condition stalled =
                stalled(conditions.all(conditions.of(ConditionType.Ready, State.False, Reason.NoRuleAllows, MESSAGE)));
        assertThat(stalled.getStatus()).isEqualTo("True");
        assertThat(stalled.getReason()).isEqualTo("NoRuleAllows");
        assertThat(stalled.getMessage()).isEqualTo(MESSAGE);
        assertThat(stalled.getObservedGeneration()).isEqualTo(3);
        Conditions later = new Conditions(List.of(stalled), 3L, NOON.plusSeconds(60));
        assertThat(stalled(later.all(later.of(ConditionType.Ready, State.False, Reason.ExceptedByRule, MESSAGE)))
                        .getLastTransitionTime())
                .isEqualTo(NOON.toString());
    }

    @Test
    void whatFollowedFromAnEarlierListGoes() {
        Conditions conditions = new Conditions(List.of(), 1L, NOON);
        List<Condition> before =
                conditions.all(conditions.of(ConditionType.Ready, State.False, Reason.NoNodes, MESSAGE));
        List<Condition> after = Stream.concat(
                        Stream.of(conditions.of(ConditionType.Ready, State.True, Reason.Running, "it runs")),
                        before.stream().filter(condition -> !condition.getType().equals("Ready")))
                .toList();
        assertThat(types(conditions.all(after))).containsExactly("Ready");
    }

    /** It may report any word. */
    @ParameterizedTest
    @EnumSource
    void noReportHasAReasonThatStalls(Reason reason) {
        assertThat(Reason.reported(reason.name()).isPresent()).isEqualTo(reason.remedy() == Remedy.Itself);
    }

    private static List<String> all(ConditionType type, State state, Reason reason) {
        Conditions conditions = new Conditions(List.of(), 1L, NOON);
        return types(conditions.all(conditions.of(type, state, reason, MESSAGE)));
    }

    private static List<String> types(List<Condition> conditions) {
        return conditions.stream().map(Condition::getType).toList();
    }

    private static Condition stalled(List<Condition> conditions) {
        return Conditions.find(conditions, ConditionType.Stalled).orElseThrow();
    }
}
