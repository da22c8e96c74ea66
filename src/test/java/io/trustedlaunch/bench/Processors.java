package io.trustedlaunch.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The processor time that each part has used. */
record Processors(Map<String, Duration> used) {
    static final String OPERATOR = "operator";

    /** Agents and users are one process. */
    static Processors now(Stand stand) throws IOException {
        Map<String, Duration> used = new LinkedHashMap<>();
        used.put(OPERATOR, stand.operator().part().cpu());
        used.put("API server", stand.apiServer().cpu());
        used.put("etcd", stand.etcd().cpu());
        used.put("agents", new Part(ProcessHandle.current().pid()).cpu());
        return new Processors(used);
    }

    /** Milliseconds of one part since then, for each of so many. */
    double since(Processors before, String part, int count) {
        return used.get(part).minus(before.used.get(part)).toNanos() / 1e6 / count;
    }
}
