package io.trustedlaunch.api.incarnation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.MapLists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.util.List;

/**
 * The agent's observations and actions.
 *
 * @param observedGeneration generation of the spec that this status answers
 * @param phase how far the incarnation is
 * @param reason why it is in this phase, or what prevents the next one
 * @param message the reason for people, with the facts
 * @param ekDigest SHA-256 of the public area of the TPM's endorsement key, lower-case hexadecimal; on record before the
 *     guest's first instruction
 * @param ekPublic public area of the endorsement key, a TPMT_PUBLIC in base64; ekDigest is its digest
 * @param answers only with phase Prepared: holder identity in the operator's Lease that this answers. In restored data
 *     stands an earlier one, and the TPM may have been made anew since
 * @param networkInterfaces the network cards with their addresses
 * @param guest what the guest says of itself; absent until its guest agent has answered
 * @param places where the devices are in the machine of the guest that runs; absent until they are known
 * @param nested the nested virtualization that the machine of the guest has; absent until it is known
 * @param devices how far the change of the guest's devices is; absent until one was requested
 * @param guestState the newest guest state that is durable at home
 * @param secureBoot in the newest guest state that this incarnation sealed; absent until it has sealed one
 * @param exit how the guest ended; only with phase Stopped or Erased
 * @param departure how the migration to another node goes; absent until one was started
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "places=device")
@RecordBuilder
public record VMIncarnationStatus(
        Long observedGeneration,
        Phase phase,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        @Size(max = 64) String ekDigest,
        @Size(max = 4096) String ekPublic,
        @Size(max = 253) String answers,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = TrustedLaunchVMStatus.Interface.MAX)
        List<TrustedLaunchVMStatus.Interface> networkInterfaces,

        GuestInfo guest,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = DevicePlaces.MAX)
        List<DevicePlace> places,

        NestedVirtualization nested,
        AppliedDevices devices,
        SealedState guestState,
        SecureBootState secureBoot,
        Exit exit,
        Departure departure) {
    public VMIncarnationStatus {
        message = Messages.bounded(message);
        networkInterfaces = Lists.first(TrustedLaunchVMStatus.Interface.MAX, networkInterfaces);
        places = Lists.first(DevicePlaces.MAX, places);
    }

    /**
     * How far the change of a running guest's devices is.
     *
     * @param revision the last one of spec.devices that the guest has in full; absent: none yet
     * @param reason why it does not have the present one; absent: it has, or the agent has not tried yet
     * @param message the reason for people
     */
    public record AppliedDevices(
            Long revision,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message) {
        public AppliedDevices {
            message = Messages.bounded(message);
        }
    }

    /**
     * How the migration that the spec requests goes.
     *
     * @param epoch epoch of the incarnation that takes the guest over
     * @param nodeName its node; after a restore of the API server's data, only this says where the guest went
     * @param course whether the guest has left
     * @param reason why the guest stays; only with Stayed
     * @param message why the guest stays, for people; only with Stayed
     * @param progressPercent percentage of memory and disks that the target has
     * @param transfer what was transferred
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Departure(
            Long epoch,
            @Size(max = 253) String nodeName,
            Course course,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message,
            Integer progressPercent,
            VMMigrationStatus.Transfer transfer) {
        public Departure {
            message = Messages.bounded(message);
            progressPercent = Percent.bounded(progressPercent);
        }
    }

    /** Where the guest of a migration is. */
    public enum Course {
        /** The migration is in progress. */
        Underway,
        /** The guest has left, and never resumes here. Final. */
        Left,
        /** The guest runs on here, and this attempt is over. Final. */
        Stayed
    }

    /**
     * The newest guest state that is durable at home.
     *
     * @param version epoch and generation of the state
     * @param sealTime when it was sealed
     * @param lagMilliseconds milliseconds from the change of the working copy until it was durable at home
     * @param complete the guest ran and has ended, and all of its state is at home
     * @param lastWatched the last state before a change that no agent watched; absent if there was none in this incarnation
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SealedState(
            GuestStateVersion version,
            String sealTime,
            Long lagMilliseconds,
            boolean complete,
            GuestStateVersion lastWatched) {

        public SealedState withLastWatched(GuestStateVersion last) {
            return new SealedState(version, sealTime, lagMilliseconds, complete, last);
        }
    }

    /** How far an incarnation is. */
    public enum Phase {
        /** Disks, TPM and domain are being made; the guest has not run. */
        Preparing,
        /** Everything is ready for a guest that comes from another node; it is not here yet, or is paused. */
        Receiving,
        /**
         * The whole guest is here and paused; it runs as soon as it is known that it has left its source. Reported only if
         * that takes long.
         */
        Received,
        /** The domain exists, paused, and its endorsement key is known; the guest has not run. */
        Prepared,
        /** The guest runs. */
        Running,
        /** The guest is shutting down. */
        Stopping,
        /** The incarnation has ended and its state is kept. It never runs again; another start is another epoch. */
        Stopped,
        /** The incarnation has ended and nothing of the VM is left on this host. */
        Erased
    }

    /** How a guest ended. */
    public enum Exit {
        /** It was never started. */
        NeverRan,
        /** The guest shut down by itself or on request. */
        Shutdown,
        /** The guest or its hypervisor crashed, or its host went down. */
        Crashed,
        /** Its host was shut down in an orderly way, and the guest with it. */
        HostShutdown,
        /** The grace period ran out and the power was cut. */
        PoweredOff,
        /** The guest runs on another node. */
        Migrated
    }
}
