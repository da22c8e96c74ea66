package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * How far a move is.
 *
 * @param phase for people; the condition {@code Migrated} says it to programs
 * @param epoch the VM's life at the target
 * @param startedAt RFC 3339; when the target was chosen
 * @param endedAt RFC 3339; absent while the move is open
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
@RecordBuilder
public record VMMigrationStatus(
        Long observedGeneration,
        Phase phase,
        String sourceNode,
        String targetNode,
        Long epoch,
        Progress progress,
        String startedAt,
        String endedAt,
        List<Condition> conditions) {

    /** Where a move stands. */
    public enum Phase {
        /** Nothing has begun; the condition says what it waits for. */
        Pending,
        /** The target makes itself ready. */
        Preparing,
        /** Memory, and disks that are not shared, are on their way; the guest runs at the source. */
        Migrating,
        /** The guest has left the source and is taken over at the target. */
        HandingOver,
        Succeeded,
        /** The guest goes on at the source. */
        Failed,
        /** Deleted or taken back; the guest goes on at the source. */
        Cancelled
    }

    /**
     * What the hypervisor says.
     *
     * @param transferredBytes so far, over and over for memory that the guest changes meanwhile
     * @param remainingBytes grows when the guest writes faster than the link
     * @param percent of memory and disks that the target has
     * @param pass over the guest's memory, each for what it changed during the one before; absent before the first
     * @param throttlePercent of its time that the guest is held up, so that it changes less; absent: it is not
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Progress(
            long transferredBytes, long remainingBytes, int percent, Integer pass, Integer throttlePercent) {}
}
