package io.trustedlaunch.agent.incarnation.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Course;

/**
 * What the records of earlier agents mean to this one, whose guests run on while agents are replaced. They are given what
 * their format did not have, and nothing else: what is missing for another reason stays missing, and is told as damage.
 */
final class PastRecords {
    private static final int MOVES = 2;
    private static final int REASONS_OF_MOVES = 3;

    /** Local disks move since then, without a format of their own. */
    private static final int LOCAL_DISKS = 3;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PastRecords() {}

    static ObjectNode completed(int format, ObjectNode record) {
        ObjectNode completed = record.deepCopy();
        if (format < MOVES) {
            // Nothing was sealed home: what is here is of the guest that ran last, and is to be sealed yet.
            JsonNode last = completed.path("resumedEpoch");
            add(
                    completed,
                    "state",
                    JSON.objectNode()
                            .<ObjectNode>set("copyEpoch", last)
                            .put("completeEpoch", 0)
                            .putNull("newest"));
            add(completed, "move", JSON.objectNode().putNull("arrival").putNull("departure"));
        }
        if (completed.at("/move/departure") instanceof ObjectNode departure) {
            if (format < REASONS_OF_MOVES) {
                add(departure, "reason", reason(departure));
            }
            if (format <= LOCAL_DISKS) {
                // Only shared folders were moved from.
                add(departure, "folder", JSON.nullNode());
            }
        }
        if (format <= LOCAL_DISKS && completed.at("/move/arrival") instanceof ObjectNode arrival) {
            add(arrival, "copiedTo", JSON.nullNode());
        }
        return completed;
    }

    private static JsonNode reason(ObjectNode departure) {
        boolean stayed = departure.path("course").asText().equals(Course.Stayed.name());
        return stayed ? JSON.textNode(Reason.MigrationFailed.name()) : JSON.nullNode();
    }

    private static void add(ObjectNode object, String field, JsonNode value) {
        if (!object.has(field)) {
            object.set(field, value);
        }
    }
}
