package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMConsole;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A user at a real guest's serial console, with the installed plugin. */
class ConsoleE2E {
    private static final String PAYROLL = "payroll";

    @Test
    void aUserTypesAtTheConsoleAlsoAfterAMigrationUntilAnotherUserTakesOver() throws Exception {
        try (Stage stage = Stage.open("console")) {
            String uid = stage.create(stage.vm(PAYROLL).shortGracePeriod()).identity();
            try (Session ada = new Session(stage)) {
                stage.awaitRunning(PAYROLL);
                stage.awaitBoots(uid, 1);
                ada.awaitScreen("connected to the console on node");
                String nonce = nonce();
                ada.type("nonce " + nonce + "\r");
                ada.awaitScreen("PROOF nonce=" + nonce);
                assertThat(stage.console(uid)).as("the log still records").contains("PROOF nonce=" + nonce);

                String source = stage.get(PAYROLL).getStatus().nodeName();
                assertIsOnRecord(stage, source);
                stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
                stage.migrate(PAYROLL, "away");
                String target = stage.lab.otherHost(source);
                ada.awaitScreen("connected to the console on node " + target);
                String afterMigration = nonce();
                ada.type("nonce " + afterMigration + "\r");
                ada.awaitScreen("PROOF nonce=" + afterMigration);

                try (Session eve = new Session(stage)) {
                    eve.awaitScreen("connected to the console on node " + target);
                    ada.awaitScreen("took over the console");
                    assertThat(ada.code()).isEqualTo(1);
                    String later = nonce();
                    eve.type("nonce " + later + "\r");
                    eve.awaitScreen("PROOF nonce=" + later);
                    assertThat(ada.screen()).doesNotContain(later);
                    eve.type("\u001d");
                    assertThat(eve.code()).isZero();
                }
                await("no session to be left")
                        .atMost(Stage.TIMEOUT)
                        .until(() -> stage.client
                                .resources(VMConsole.class)
                                .inNamespace(stage.namespace)
                                .list()
                                .getItems()
                                .isEmpty());
            }
        }
    }

    private static void assertIsOnRecord(Stage stage, String node) throws IOException {
        VMConsole console = stage.client
                .resources(VMConsole.class)
                .inNamespace(stage.namespace)
                .list()
                .getItems()
                .getFirst();
        assertThat(Files.readAllLines(stage.lab.agentLog(node)))
                .filteredOn(line -> line.startsWith("{\"audit\":true") && line.contains("ConsoleOpened"))
                .filteredOn(line -> line.contains(console.getMetadata().getUid()))
                .singleElement()
                .asString()
                .contains("\"requestedBy\":\"" + console.getSpec().requestedBy() + "\"");
    }

    private static String nonce() {
        return UUID.randomUUID().toString();
    }

    /** One run of {@code kubectl tlvm console}. */
    private static final class Session implements AutoCloseable {
        private final Process process;
        private final StringBuffer screen = new StringBuffer();

        Session(Stage stage) throws IOException {
            process = new ProcessBuilder("kubectl", "tlvm", "console", PAYROLL, "-n", stage.namespace)
                    .redirectErrorStream(true)
                    .start();
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            byte[] bytes = new byte[4096];
            try (InputStream out = process.getInputStream()) {
                for (int length = out.read(bytes); length >= 0; length = out.read(bytes)) {
                    screen.append(new String(bytes, 0, length, ISO_8859_1));
                }
            } catch (IOException e) {
                screen.append(e);
            }
        }

        void type(String keys) throws IOException {
            OutputStream in = process.getOutputStream();
            in.write(keys.getBytes(ISO_8859_1));
            in.flush();
        }

        void awaitScreen(String text) {
            await("the screen shows " + text + "; it shows " + screen)
                    .atMost(Stage.TIMEOUT)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> screen.indexOf(text) >= 0);
        }

        String screen() {
            return screen.toString();
        }

        int code() throws InterruptedException {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
