package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.LabOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The writes that one VM costs the API server from its creation to its deletion, counted in the audit log. */
@LabOrder(LabOrder.Place.LAST)
class ApiWritesE2E {
    private static final String GUEST = "guest";

    /** Measured; one more is a regression and needs a reason. */
    private static final int BUDGET = 17;

    /** An agent reports progress of a long import every ten seconds. */
    private static final int LONG_IMPORT = 3;

    /** How often at most an agent reports new guest states while nothing else happens. */
    private static final Duration BETWEEN_GUEST_STATES = Duration.ofMinutes(5);

    @Test
    void aVmFromCreationToDeletionTakesFewWritesAndNoneFails() {
        try (Stage stage = Stage.open("writes")) {
            // Without nodes the operator would also write what the VM waits for.
            stage.awaitShared();
            Instant begin = Instant.now();
            stage.create(stage.vm(GUEST).shortGracePeriod());
            stage.awaitRunning(GUEST);
            TrustedLaunchVM vm = stage.awaitVm(
                    GUEST,
                    "known by its IP",
                    found -> found.getStatus() != null && found.getStatus().primaryIP() != null);
            String uid = vm.getMetadata().getUid();
            int guestStates = (int) Duration.between(begin, Instant.now()).dividedBy(BETWEEN_GUEST_STATES);
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);

            List<AuditLog.Request> writes = writes(
                    stage,
                    write -> write.name().startsWith(uid)
                            || (write.namespace().equals(stage.namespace)
                                    && (write.resource().startsWith("trustedlaunchvms")
                                            || write.resource().equals("events"))));
            assertImageCopyTakesFewWrites(stage);
            assertThat(writes).hasSizeLessThanOrEqualTo(BUDGET + guestStates);
        }
    }

    /** All VMs in one folder share the image's copy: the operator creates it, and the agent reports it. */
    private static void assertImageCopyTakesFewWrites(Stage stage) {
        String image = stage.client
                .resources(GuestImage.class)
                .withName(stage.image)
                .get()
                .getMetadata()
                .getUid();
        List<AuditLog.Request> writes = writes(
                stage,
                write -> write.resource().startsWith("imagecopies")
                        && write.name().startsWith(image));
        assertThat(writes).hasSizeBetween(2, 2 + LONG_IMPORT);
    }

    /** The product's writes; fails if one of them failed. */
    private static List<AuditLog.Request> writes(Stage stage, Predicate<AuditLog.Request> filter) {
        List<AuditLog.Request> writes = new AuditLog(stage.lab.auditLog()).productWrites(filter);
        writes.forEach(write -> System.out.println("API write: " + write));
        assertThat(writes.stream().filter(AuditLog.Request::failed)).isEmpty();
        return writes;
    }
}
