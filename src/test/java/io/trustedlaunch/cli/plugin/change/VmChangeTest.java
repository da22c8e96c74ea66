package io.trustedlaunch.cli.plugin.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.plugin.change.VmChange.Effect;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a change takes effect, as the user is told. */
class VmChangeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Always | True | done; takes effect at the next start: kubectl tlvm restart payroll -n finance",
                "RerunOnFailure | True | done; takes effect at the next start: kubectl tlvm restart payroll -n finance",
                "RerunOnFailure | False | done; takes effect at the next start",
                "Halted | True | done; takes effect at the next start",
                "Halted | False | done; takes effect at the next start",
            })
    void whatTheGuestLacksWaitsForARestart(String strategy, String running, String report) {
        assertThat(report(Effect.AT_NEXT_START, strategy, running)).isEqualTo(report);
        assertThat(report(Effect.NONE, strategy, running)).isEqualTo("done");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Always | True | done; the guest is given that while it runs (condition RestartRequired says if it cannot be)",
                "Always | False | done; takes effect at the next start",
                "Halted | True | done; takes effect at the next start",
            })
    void aGuestThatRunsHasSomeChangesWithoutARestart(String strategy, String running, String report) {
        assertThat(report(Effect.RUNNING, strategy, running)).isEqualTo(report);
    }

    private static String report(Effect effect, String strategy, String running) {
        return new VmChange(List.of(), "done", effect)
                .report(DiskChangesTest.vm(
                        "runStrategy: " + strategy + "\n",
                        "conditions: [{type: Running, status: '" + running + "', reason: Tested}]\n"));
    }
}
