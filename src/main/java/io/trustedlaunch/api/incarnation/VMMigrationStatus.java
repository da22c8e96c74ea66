package io.trustedlaunch.api.incarnation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * How far the migration is.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the migration was seen
 * @param phase a summary for people; programs read the condition Migrated
 * @param sourceNode node that the guest leaves
 * @param targetNode node that takes the guest over
 * @param epoch epoch of the VM's incarnation at the target
 * @param progressPercent percentage of memory and disks that the target has
 * @param transfer what was transferred; the last report stays
 * @param startTime when the target was chosen
 * @param completionTime when the migration ended; absent until then
 * @param conditions the condition Migrated;
 *     Stalled or Reconciling while it is not as its spec requests; Complete or Failed once it has ended
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMMigrationStatus(
        Long observedGeneration,
        Phase phase,
        @Size(max = 253) String sourceNode,
        @Size(max = 253) String targetNode,
        Long epoch,
        Integer progressPercent,
        Transfer transfer,
        String startTime,
        String completionTime,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public VMMigrationStatus {
        conditions = Lists.orEmpty(conditions);
    }

    /** The state of a migration. */
    public enum Phase {
        /** It waits for its turn, or for the VM to run; the condition says which. */
        Pending,
        /** The target gets ready. */
        Preparing,
        /** Memory, and disks that are not shared, are being sent; the guest runs on the source. */
        Migrating,
        /** The guest has left the source; the target takes it over. */
        HandingOver,
        /** The guest runs on the target. */
        Succeeded,
        /** The guest runs on the source. */
        Failed,
        /** The migration was deleted or the VM is being stopped; the guest stays on the source. */
        Cancelled
    }

    /**
     * The hypervisor's report.
     *
     * @param transferred bytes so far; memory that the guest changes meanwhile counts again
     * @param remaining bytes to go; grows while the guest writes faster than the link
     * @param pass number of the pass over the guest's memory, each for what changed during the one before; absent before
     *     the first
     * @param throttlePercent percentage of its time that the guest is slowed down, so that it changes less memory; absent
     *     if it is not
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Transfer(Quantity transferred, Quantity remaining, Integer pass, Integer throttlePercent) {}
}
