package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * What the agent saw and did.
 *
 * @param observedGeneration the generation of the spec that this answers
 * @param reason why the phase is what it is, or what keeps it from going on
 * @param ekDigest see {@link TrustedLaunchVMStatus.VTpm}; on record before the guest's first instruction
 * @param ekPublic the endorsement key's public area, a TPMT_PUBLIC in base64: {@code ekDigest} is the SHA-256 of it
 * @param exit how the life ended; only with phase Stopped or Erased
 * @param departure absent as long as no move was begun
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMIncarnationStatus(
        Long observedGeneration,
        Phase phase,
        String reason,
        String message,
        String ekDigest,
        String ekPublic,
        List<TrustedLaunchVMStatus.Interface> networkInterfaces,
        SealedState guestState,
        Exit exit,
        Departure departure) {

    /**
     * How the move to another node goes that the spec asks for.
     *
     * @param epoch as in {@link VMIncarnationSpec.Departure}
     * @param nodeName as there: after a restore of the API server's data, only this tells where the guest went
     * @param reason why the guest stays; only with {@code Stayed}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Departure(
            Long epoch,
            String nodeName,
            Course course,
            String reason,
            String message,
            VMMigrationStatus.Progress progress) {}

    /** What became of a guest that is to move on. */
    public enum Course {
        Underway,
        /** Gone by migration, and never resumed here: the guest is the other node's. Final. */
        Left,
        /** The guest goes on here, and this try is over. Final. */
        Stayed
    }

    /**
     * The newest guest state that is durable at home.
     *
     * @param sealedAt RFC 3339
     * @param lagMilliseconds from the change of the working copy until it was durable at home
     * @param complete the guest has ended, and nothing that is not at home is left of its state on this host
     * @param lastWatched as in {@link TrustedLaunchVMStatus.GuestState}; absent where this life has sealed nothing unwatched
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SealedState(
            GuestStateVersion version,
            String sealedAt,
            Long lagMilliseconds,
            boolean complete,
            GuestStateVersion lastWatched) {

        public SealedState withLastWatched(GuestStateVersion last) {
            return new SealedState(version, sealedAt, lagMilliseconds, complete, last);
        }
    }

    /** Where a life stands. */
    public enum Phase {
        /** Disks, TPM and domain are being made; the guest has not run. */
        Preparing,
        /** All is ready for a guest that comes from another node; it is not here yet, or stands still. */
        Receiving,
        /** The domain exists, paused; its EK is known; the guest has not run. */
        Prepared,
        Running,
        Stopping,
        /** The life is over, its state kept. It never runs again: another start is another epoch. */
        Stopped,
        /** The life is over and nothing of the VM is left on this host. */
        Erased
    }

    /** How a guest came to its end. */
    public enum Exit {
        /** It was never started. */
        NeverRan,
        /** The guest shut down by itself, or because it was asked to. */
        Shutdown,
        /** The guest or its hypervisor crashed, or its host went down. */
        Crashed,
        /** Its host was shut down in order, and the guest with it. */
        HostShutdown,
        /** The grace period ran out and the power was cut. */
        PoweredOff,
        /** The guest goes on, on another node. */
        Migrated
    }
}
