package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import java.time.Instant;

/** What an agent reports of a backup. */
public final class BackupResults {
    public static final String DIGEST = "ab".repeat(32);
    public static final GuestStateVersion GUEST_STATE = new GuestStateVersion(1L, 1L);

    private BackupResults() {}

    /** Of a full one that was made just now, of a guest without a guest agent. */
    public static BackupResultBuilder full() {
        return BackupResultBuilder.builder()
                .indexSHA256(DIGEST)
                .type(BackupResult.Type.Full)
                .fullReason("FirstBackup")
                .guestState(GUEST_STATE)
                .time(Instant.now().toString())
                .changed(new Quantity("10Mi"))
                .stored(new Quantity("11Mi"))
                .pauseMilliseconds(0L)
                .quiesced(false)
                .notQuiescedReason(Reason.NoGuestAgent.name());
    }
}
