package io.trustedlaunch.api.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetainedVMRecordTest {
    private static final RetainedVMRecord RECORD = RetainedVMRecordBuilder.builder()
            .namespace("finance")
            .name("payroll")
            .uid("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11")
            .objectUID("c0ffee00-0031-4c5f-9f5a-6f8e1f0b7c11")
            .epoch(7L)
            .osType(OsType.Windows)
            .image(new RecordedImage("ws2022", "0".repeat(64), Provenance.Signed))
            .vTPM(new VTpm("ab".repeat(32), "certificate"))
            .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                    .newest(new GuestStateVersion(7L, 3L))
                    .sealTime("2026-01-01T00:00:00Z")
                    .lagMilliseconds(12L)
                    .floor(new GuestStateVersion(7L, 3L))
                    .lastWatched(new GuestStateVersion(6L, 9L))
                    .home(new TrustedLaunchVMStatus.Home("default", "host-a", 7L, true, Incarnations.CLUSTER))
                    .build())
            .osDisk(new OsDisk(new Quantity("128Gi")))
            .dataDisks(List.of(new RecordedDisk("data", new Quantity("200Gi"))))
            .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                    .name("drain-x")
                    .uid("uid")
                    .epoch(8L)
                    .sourceNode("host-a")
                    .targetNode("host-b")
                    .outcome(TrustedLaunchVMStatus.Outcome.Stayed)
                    .reason("why")
                    .message("more")
                    .build())
            .build();

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
        assertThatThrownBy(() -> RetainedVMRecord.parse(RECORD.toJson().replace("\"home\"", "\"house\"")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("guestState.home");
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
