package io.trustedlaunch.chart;

import io.trustedlaunch.chart.ChartValues.Value;
import io.trustedlaunch.testkit.Golden;
import org.junit.jupiter.api.Test;

class ChartReadmeTest {
    @Test
    void theCommittedPageIsTheGeneratedOne() {
        Golden.check(ChartValues.CHART.resolve("README.md"), page());
    }

    private static String page() {
        StringBuilder text = new StringBuilder("""
                # Chart of the Trusted Launch Operator

                Generated from the comments in `values.yaml` by `bin/generate`: change it there.

                How to install: [docs/install.md](../../docs/install.md); to upgrade and uninstall: [docs/upgrading.md](../../docs/upgrading.md).

                `values.schema.json` refuses values that are not in this table. Maps are merged with their defaults, lists
                replace them; `null` removes a default.

                | value | default | meaning |
                |---|---|---|
                """);
        for (Value value : ChartValues.documented()) {
            text.append("| `%s` | `%s` | %s |\n"
                    .formatted(value.name(), value.preset(), value.comment().replace("|", "\\|")));
        }
        return text.toString();
    }
}
