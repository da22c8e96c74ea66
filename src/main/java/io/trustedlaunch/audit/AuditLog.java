package io.trustedlaunch.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one line of JSON for each act. A line is written after its act, and cannot make it fail. */
public final class AuditLog {
    /** logback.xml writes its messages without a prefix, whatever LOG_LEVEL is. */
    static final String LOGGER = "audit";

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

    private final InstantSource clock;
    private final Consumer<String> lines;
    private final Consumer<AuditEntry> recorded;

    public AuditLog(InstantSource clock, Consumer<String> lines) {
        this(clock, lines, entry -> {});
    }

    private AuditLog(InstantSource clock, Consumer<String> lines, Consumer<AuditEntry> recorded) {
        this.clock = clock;
        this.lines = lines;
        this.recorded = recorded;
    }

    /**
     * The log of this process.
     *
     * @param recorded called with each entry that was written
     */
    public static AuditLog ofProcess(InstantSource clock, Consumer<AuditEntry> recorded) {
        return new AuditLog(clock, LoggerFactory.getLogger(LOGGER)::info, recorded);
    }

    public void record(AuditEntry entry) {
        try {
            lines.accept(line(entry));
            recorded.accept(entry);
        } catch (RuntimeException e) {
            LOG.error("Could not write {} to the audit log", entry, e);
        }
    }

    /** JSON escapes line breaks, so that no name can begin a line of its own. */
    private String line(AuditEntry entry) {
        AuditedObject object = entry.object();
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("audit", true);
        line.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("act", entry.act().name());
        line.put("outcome", entry.outcome().name());
        line.put("kind", object.kind());
        object.namespace().ifPresent(namespace -> line.put("namespace", namespace));
        line.put("name", object.name());
        line.put("uid", object.uid());
        entry.vm().ifPresent(vm -> line.put("vm", vm));
        entry.node().ifPresent(node -> line.put("node", node));
        entry.epoch().ifPresent(epoch -> line.put("epoch", epoch));
        entry.requestedBy().ifPresent(user -> line.put("requestedBy", user));
        entry.approvedBy().ifPresent(user -> line.put("approvedBy", user));
        entry.publicKey().ifPresent(key -> line.put("publicKey", key));
        entry.consoleKind().ifPresent(kind -> line.put("consoleKind", kind));
        entry.bytes().ifPresent(bytes -> line.put("bytes", bytes));
        entry.reason().ifPresent(reason -> line.put("reason", reason));
        return line.toString();
    }
}
