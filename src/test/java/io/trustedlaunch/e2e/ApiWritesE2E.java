package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.LabOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one VM costs the API server, from its creation to its deletion, by the API server's own record. */
@LabOrder(LabOrder.Place.LAST)
class ApiWritesE2E {
    private static final String GUEST = "guest";

    /** Measured, and held: one more is a regression that wants a reason. */
    private static final int BUDGET = 15;

    /** An import on a busy machine is told of every ten seconds. */
    private static final int LONG_IMPORT = 3;

    /** While nothing else happens, an agent tells of what is home no more often than this. */
    private static final Duration BETWEEN_GUEST_STATES = Duration.ofMinutes(5);

    @Test
    void aVmsLifeTakesFewWritesAndNoneFails() {
        try (Stage stage = Stage.open("writes")) {
            // A VM that is made before nodes are there is told what it waits for, too.
            stage.awaitShared();
            Instant begin = Instant.now();
            stage.create(stage.vm(GUEST).impatient());
            stage.awaitRunning(GUEST);
            TrustedLaunchVM vm = stage.awaitVm(
                    GUEST,
                    "known by its IP",
                    found -> found.getStatus() != null && found.getStatus().primaryIP() != null);
            String uid = vm.getMetadata().getUid();
            int guestStates = (int) Duration.between(begin, Instant.now()).dividedBy(BETWEEN_GUEST_STATES);
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);

            List<AuditLog.Write> writes = new AuditLog(stage.lab.auditLog())
                    .writes(write -> write.user().startsWith("trusted-launch-")
                            && (write.name().startsWith(uid)
                                    || (write.namespace().equals(stage.namespace)
                                            && (write.resource().startsWith("trustedlaunchvms")
                                                    || write.resource().equals("events")))));
            writes.forEach(write -> System.out.println("API write: " + write));
            assertThat(writes.stream().filter(AuditLog.Write::failed)).isEmpty();
            tellOfTheImage(stage);
            assertThat(writes).hasSizeLessThanOrEqualTo(BUDGET + guestStates);
        }
    }

    /** What its copy costs, once for all VMs that are made from it in one folder: the operator makes it, its agent tells. */
    private static void tellOfTheImage(Stage stage) {
        String image = stage.client
                .resources(GuestImage.class)
                .withName(stage.image)
                .get()
                .getMetadata()
                .getUid();
        List<AuditLog.Write> writes = new AuditLog(stage.lab.auditLog())
                .writes(write -> write.user().startsWith("trusted-launch-")
                        && write.resource().startsWith("imagecopies")
                        && write.name().startsWith(image));
        writes.forEach(write -> System.out.println("API write of the image's copy: " + write));
        assertThat(writes.stream().filter(AuditLog.Write::failed)).isEmpty();
        assertThat(writes).hasSizeBetween(2, 2 + LONG_IMPORT);
    }
}
