package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * What is known of a VM.
 *
 * @param phase for people; nothing is decided by it
 * @param epoch counts the VM's lives: raised, with the node that owns the new one, before anything of that life exists.
 *     Only the incarnation with this epoch, on this node, may run the guest (I1)
 * @param nodeName the node that owns {@code epoch}; the working copy of the guest state lies there
 * @param restartedAt what annotation {@link Api#RESTARTED_AT} said when {@code epoch} was reserved: another value is a
 *     restart that is still to be made
 * @param migration of the last move, so that its epoch is never used twice; see decision 15
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
@RecordBuilder
public record TrustedLaunchVMStatus(
        Long observedGeneration,
        String phase,
        String nodeName,
        Long epoch,
        Image image,
        VTpm vTPM,
        GuestState guestState,
        List<Interface> networkInterfaces,
        String primaryIP,
        List<Condition> conditions,
        Migration migration,
        String restartedAt) {

    /**
     * The VM's last live migration.
     *
     * @param name of the VMMigration
     * @param uid of the VMMigration
     * @param epoch reserved for the life on {@code targetNode}; no other life ever gets it, whatever became of the move
     * @param outcome absent while the move is open; until then {@code epoch} and {@code nodeName} of the VM are the source's
     * @param reason why the guest stayed; only with {@code Stayed}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Migration(
            String name,
            String uid,
            Long epoch,
            String sourceNode,
            String targetNode,
            Outcome outcome,
            String reason,
            String message) {

        /** As it is on record once it has ended. */
        public Migration ended(Outcome how, String why, String explanation) {
            return TrustedLaunchVMStatusMigrationBuilder.builder(this)
                    .outcome(how)
                    .reason(why)
                    .message(explanation)
                    .build();
        }
    }

    /** How a move ended. */
    public enum Outcome {
        Moved,
        Stayed
    }

    /** The image that the VM was created from; its digest is on record so that I5 can be checked later. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(String name, String sha256, String provenance) {}

    /**
     * The VM's TPM.
     *
     * @param ekDigest SHA-256 of the endorsement key's public area (TPM2B_PUBLIC contents), lower-case hex
     * @param ekCertificate PEM; issued once by the cluster's authority for vTPMs, whose own certificate is in the ConfigMap
     *     {@code trusted-launch-vtpm-ca}. The guest finds another one in its TPM, by the host that made it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VTpm(String ekDigest, String ekCertificate) {}

    /**
     * What is on record of the VM's guest state.
     *
     * @param newest as it was told last; while the guest runs, there may be a newer one at home
     * @param sealedAt RFC 3339; of {@code newest}
     * @param lagMilliseconds from the change of the working copy until {@code newest} was durable at home
     * @param floor the last claim or clean stop: nothing older is started from without an approval (I2)
     * @param approval the last one that was used
     * @param lastWatched what came after it was changed while no agent watched; until a later life has had a clean stop, or
     *     was begun with an approval
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record GuestState(
            GuestStateVersion newest,
            String sealedAt,
            Long lagMilliseconds,
            GuestStateVersion floor,
            Approval approval,
            GuestStateVersion lastWatched) {}

    /**
     * An older state that was started from because somebody approved it.
     *
     * @param at RFC 3339
     * @param forEpoch the life that was started from it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Approval(GuestStateVersion version, String approvedBy, String at, Long forEpoch) {}

    /** A network card as the guest has it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Interface(String name, String macAddress, List<String> ipAddresses) {}
}
