package io.trustedlaunch.process;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * What the lines that this thread logs are about, until it is closed: the fields {@code vm}, {@code epoch} and {@code node}
 * of {@code mdc} in a log of JSON. Text has them in its messages.
 */
public final class LogFields implements AutoCloseable {
    private final Map<String, String> before;

    private LogFields(Map<String, String> fields) {
        this.before = Optional.ofNullable(MDC.getCopyOfContextMap()).orElse(Map.of());
        fields.forEach(MDC::put);
    }

    /**
     * @param epoch of the VM; empty before its first start
     * @param node that owns the epoch; empty before one is chosen
     */
    public static LogFields ofVm(String namespace, String name, Optional<Long> epoch, Optional<String> node) {
        Map<String, String> fields = new HashMap<>();
        fields.put("vm", namespace + "/" + name);
        epoch.ifPresent(number -> fields.put("epoch", number.toString()));
        node.ifPresent(found -> fields.put("node", found));
        return new LogFields(fields);
    }

    @Override
    public void close() {
        MDC.setContextMap(before);
    }
}
