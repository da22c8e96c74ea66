package io.trustedlaunch.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The format and the levels of the process's log. logback.xml reads the format when the first message is logged. */
public final class LogOptions {
    private static final String FORMAT_PROPERTY = "TRUSTED_LAUNCH_LOG_FORMAT";
    private static final String AUDIT = "audit";

    enum Format {
        TEXT,
        JSON
    }

    /** From the fewest lines to the most. */
    enum LogLevel {
        OFF,
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--log-format",
            defaultValue = "text",
            description = "Format of the log: text, or json for one object a line. Default: ${DEFAULT-VALUE}.")
    private Format format;

    @Option(
            names = "--log-level",
            paramLabel = "LOGGER=LEVEL",
            description =
                    "Level of a logger, which is the name of a package or of a class, or root: off, error, warn, info,"
                            + " debug or trace. Repeatable. The audit log has none.")
    private Map<String, LogLevel> levels = Map.of();

    /** @throws ParameterException if a level would silence the audit log */
    public void apply() {
        System.setProperty(FORMAT_PROPERTY, format.name().toLowerCase(Locale.ROOT));
        if (levels.keySet().stream().anyMatch(LogOptions::isAudit)) {
            throw new ParameterException(
                    spec.commandLine(), "--log-level: the audit log has no level; remove " + AUDIT + " from it");
        }
        apply((LoggerContext) LoggerFactory.getILoggerFactory());
    }

    void apply(LoggerContext loggers) {
        levels.forEach((logger, level) -> loggers.getLogger(logger).setLevel(Level.valueOf(level.name())));
    }

    private static boolean isAudit(String logger) {
        return logger.equals(AUDIT) || logger.startsWith(AUDIT + ".");
    }
}
