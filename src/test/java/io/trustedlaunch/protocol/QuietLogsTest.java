package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.slf4j.LoggerFactory;

@DisabledIfSystemProperty(named = "trace", matches = "true")
class QuietLogsTest {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        root.addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(logged);
    }

    @Test
    void aScheduleLogsNothingAndLaterTestsLogAsBefore() {
        MigrationsUnderFaultsTest.play(Folders.SHARED, 0, Event.ORDINARY);
        assertThat(logged.list).isEmpty();

        LoggerFactory.getLogger(OperatorProcess.class).warn("something");
        assertThat(logged.list).hasSize(1);
    }
}
