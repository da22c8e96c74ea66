package io.trustedlaunch.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** Sets the format of the process's log. logback.xml reads it when the first message is logged. */
public final class LogFormat {
    private static final String PROPERTY = "TRUSTED_LAUNCH_LOG_FORMAT";

    enum Format {
        TEXT,
        JSON
    }

    @Option(
            names = "--log-format",
            defaultValue = "text",
            description = "Format of the log: text, or json for one object a line. Default: ${DEFAULT-VALUE}.")
    private Format format;

    public void apply() {
        System.setProperty(PROPERTY, format.name().toLowerCase(Locale.ROOT));
    }
}
