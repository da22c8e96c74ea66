package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Image;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetainedVMRecordTest {
    private static final RetainedVMRecord RECORD = new RetainedVMRecord(
            "finance",
            "payroll",
            "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11",
            "c0ffee00-0031-4c5f-9f5a-6f8e1f0b7c11",
            7L,
            "host-a",
            true,
            OsType.Windows,
            new Image("ws2022", "0".repeat(64), "Signed"),
            new VTpm("ab".repeat(32), "certificate"),
            new GuestState(
                    new GuestStateVersion(7L, 3L),
                    "2026-01-01T00:00:00Z",
                    12L,
                    new GuestStateVersion(7L, 3L),
                    null,
                    new GuestStateVersion(6L, 9L)),
            "default",
            new OsDisk(new Quantity("128Gi")),
            List.of(new DataDisk("data", new Quantity("200Gi"))),
            new TrustedLaunchVMStatus.Migration(
                    "drain-x", "uid", 8L, "host-a", "host-b", TrustedLaunchVMStatus.Outcome.Stayed, "why", "more"));

    @Test
    void whatIsWrittenIsRead() {
        assertThat(RetainedVMRecord.parse(RECORD.toJson())).isEqualTo(RECORD);
    }

    @Test
    void aRecordOfALaterVersionIsReadWithoutWhatIsNewInIt() {
        String later = "{\"moreThanWeKnow\":{\"a\":1}," + RECORD.toJson().substring(1);
        assertThat(RetainedVMRecord.parse(later)).isEqualTo(RECORD);
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> RetainedVMRecord.parse(RECORD.toJson().replace("\"nodeName\"", "\"node\"")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nodeName");
    }

    @Test
    void whatIsNoRecordIsRefused() {
        for (String other : List.of("", "null", "[]", "{", "\"text\"", "{\"epoch\":\"many\"}")) {
            assertThatThrownBy(() -> RetainedVMRecord.parse(other))
                    .as(other)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
