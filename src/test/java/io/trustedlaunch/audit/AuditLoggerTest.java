package io.trustedlaunch.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** How the product's logging writes the audit log's lines. */
class AuditLoggerTest {
    @Test
    void aLineIsWrittenAsItIsAndWhateverTheLevelOfOtherLogs() throws Exception {
        LoggerContext context = new LoggerContext();
        context.putProperty("LOG_LEVEL", "OFF");
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        try {
            Logger audit = context.getLogger(AuditLog.LOGGER);

            assertThat(audit.isInfoEnabled()).isTrue();
            assertThat(audit.isAdditive()).as("also written with a prefix").isFalse();
            ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) audit.getAppender("audit");
            assertThat(appender.getTarget()).isEqualTo("System.out");
            LoggingEvent event = new LoggingEvent("", audit, Level.INFO, "{\"audit\":true}", null, null);
            assertThat(new String(appender.getEncoder().encode(event), UTF_8))
                    .isEqualTo("{\"audit\":true}" + System.lineSeparator());
        } finally {
            context.stop();
        }
    }
}
