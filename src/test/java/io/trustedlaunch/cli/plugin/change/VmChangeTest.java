package io.trustedlaunch.cli.plugin.change;

import static org.assertj.core.api.Assertions.assertThat;

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
        VmChange change = new VmChange(List.of(), "done", true);

        assertThat(change.report(DiskChangesTest.vm(
                        "runStrategy: " + strategy + "\n",
                        "conditions: [{type: Running, status: '" + running + "', reason: Tested}]\n")))
                .isEqualTo(report);
        assertThat(new VmChange(List.of(), "done", false).report(DiskChangesTest.vm("{}\n", "{}\n")))
                .isEqualTo("done");
    }
}
