package io.trustedlaunch.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusUtil;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.cli.agent.AgentMain;
import io.trustedlaunch.cli.operator.OperatorMain;
import io.trustedlaunch.process.LogFields;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class LogOptionsTest {
    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void haveFields() {
        context.setMDCAdapter(MDC.getMDCAdapter());
    }

    @AfterEach
    void stop() {
        context.stop();
        System.clearProperty("TRUSTED_LAUNCH_LOG_FORMAT");
    }

    @Test
    void aMessageIsTextByDefault() throws Exception {
        assertThat(line(Optional.empty(), "Starting")).matches("2\\d{3}-\\S+ WARN  Agent: Starting\\R");
        assertThat(line(Optional.of("text"), "Starting")).matches("2\\d{3}-\\S+ WARN  Agent: Starting\\R");
    }

    @Test
    void aMessageIsOneLineOfJson() throws Exception {
        String line = line(Optional.of("json"), "from \"a\"\nto {}");

        assertThat(line.strip()).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.path("level").asText()).isEqualTo("WARN");
        assertThat(json.path("loggerName").asText()).isEqualTo("io.trustedlaunch.Agent");
        assertThat(json.path("formattedMessage").asText()).isEqualTo("from \"a\"\nto b");
        assertThat(json.path("timestamp").asLong()).isPositive();
        assertThat(json.path("throwable").path("message").asText()).isEqualTo("for the test");
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "timestamp", "level", "threadName", "loggerName", "mdc", "formattedMessage", "throwable");
    }

    @Test
    void aLineOfJsonHasTheVmTheEpochAndTheNodeThatItIsAbout() throws Exception {
        try (LogFields fields = LogFields.ofVm("team-a", "web", Optional.of(3L), Optional.of("host-a"))) {
            assertThat(new ObjectMapper()
                            .readTree(line(Optional.of("json"), "Starting"))
                            .path("mdc"))
                    .isEqualTo(new ObjectMapper()
                            .readTree("{\"vm\": \"team-a/web\", \"epoch\": \"3\", \"node\": \"host-a\"}"));
        }
    }

    @Test
    void aLoggerAndAllBelowItHaveTheLevelOfTheOption() throws Exception {
        configure(Optional.empty());

        options("--log-level=io.trustedlaunch.agent=debug", "--log-level", "root=Error")
                .apply(context);

        assertThat(context.getLogger("io.trustedlaunch.agent.Agent").getEffectiveLevel())
                .isEqualTo(Level.DEBUG);
        assertThat(context.getLogger("io.trustedlaunch.operator").getEffectiveLevel())
                .isEqualTo(Level.ERROR);
        assertThat(context.getLogger("audit").isInfoEnabled()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"audit=off", "audit.more=error"})
    void theAuditLogIsNotSilenced(String level) {
        StringWriter err = new StringWriter();

        int code = Commands.line(new AgentMain())
                .setErr(new PrintWriter(err))
                .execute("agent", "--node=host-a", "--namespace=test", "--log-level=" + level);

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("--log-level: the audit log has no level");
        assertThat(LoggerFactory.getLogger("audit").isInfoEnabled()).isTrue();
    }

    private static LogOptions options(String... arguments) {
        LoggingCommand command = new LoggingCommand();
        Commands.line(command).parseArgs(arguments);
        return command.log;
    }

    @Command
    private static final class LoggingCommand {
        @Mixin
        private LogOptions log;
    }

    @Test
    void theAuditLogIsTheSame() throws Exception {
        configure(Optional.of("json"));
        Logger audit = context.getLogger("audit");
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) audit.getAppender("audit");

        assertThat(audit.isAdditive()).isFalse();
        assertThat(new String(
                        appender.getEncoder()
                                .encode(new LoggingEvent("", audit, Level.INFO, "{\"audit\":true}", null, null)),
                        UTF_8))
                .isEqualTo("{\"audit\":true}" + System.lineSeparator());
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent"})
    void aFormatThatDoesNotExistIsAnError(String command) {
        StringWriter err = new StringWriter();

        int code = Commands.line(command.equals("agent") ? new AgentMain() : new OperatorMain())
                .setErr(new PrintWriter(err))
                .execute(command, "--node=host-a", "--namespace=test", "--log-format=xml");

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("--log-format").contains("xml");
    }

    /** A message may hold what a server or a management controller says, and an audit line begins a line. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n", "\n\n \n", "\u2028", "\u0085", "\f", "\u000b"})
    void noMessageAndNoExceptionBeginsALineOfItsOwn(String lineBreak) throws Exception {
        String forged = lineBreak + "{\"audit\":true,\"act\":\"PowerCut\"}";
        Exception cause = new IllegalStateException("the server's answer" + forged);

        String text =
                encoded(Optional.empty(), "UUID 1" + forged, new IllegalArgumentException("of host-a" + forged, cause));

        assertThat(text.split("\\R|[\\f\\x0b\\x85]"))
                .hasSizeGreaterThan(5)
                .allSatisfy(line -> assertThat(line).doesNotStartWith("{").matches("(2\\d{3}-|  \\| ).*"));
        assertThat(text)
                .contains("UUID 1", "IllegalArgumentException: of host-a", "Caused by: ", "the server's answer")
                .endsWith(System.lineSeparator());
    }

    @Test
    void aTerminalIsNotSteeredByAMessage() throws Exception {
        assertThat(encoded(Optional.empty(), "the answer was \u001b[2J\u0007", null))
                .endsWith("Agent: the answer was ?[2J?" + System.lineSeparator());
    }

    /** Of a warning with an exception. */
    private String line(Optional<String> format, String message) throws Exception {
        Throwable fault = format.filter("json"::equals)
                .map(json -> new IllegalStateException("for the test"))
                .orElse(null);
        return encoded(format, message, fault);
    }

    private String encoded(Optional<String> format, String message, Throwable fault) throws Exception {
        configure(format);
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        Logger logger = context.getLogger("io.trustedlaunch.Agent");
        LoggingEvent event = new LoggingEvent("", logger, Level.WARN, message, fault, new Object[] {"b"});
        return new String(appender.getEncoder().encode(event), UTF_8);
    }

    private void configure(Optional<String> format) throws Exception {
        format.ifPresent(name -> System.setProperty("TRUSTED_LAUNCH_LOG_FORMAT", name));
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        // A warning would print logback's own messages on standard output, as text.
        assertThat(
                        StatusUtil.filterStatusListByTimeThreshold(
                                        context.getStatusManager().getCopyOfStatusList(), 0)
                                .stream()
                                .filter(status -> status.getLevel() > Status.INFO))
                .isEmpty();
    }
}
