package io.trustedlaunch.protocol;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Operators and agents log thousands of lines in a schedule: they are shown with {@code -Dtrace=true} only. */
final class QuietLogs {
    static final boolean TRACE = Boolean.getBoolean("trace");

    private QuietLogs() {}

    static void during(Runnable schedule) {
        Logger product = (Logger) LoggerFactory.getLogger("io.trustedlaunch");
        Level before = product.getLevel();
        product.setLevel(TRACE ? before : Level.OFF);
        try {
            schedule.run();
        } finally {
            product.setLevel(before);
        }
    }
}
