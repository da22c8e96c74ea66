package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.VMConsole;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A user at a real guest's serial console, with the installed plugin. */
class ConsoleE2E {
    private static final String PAYROLL = "payroll";

    @Test
    void aUserTypesAtTheConsoleAlsoAfterAMigrationUntilAnotherUserTakesOver() throws Exception {
        try (Stage stage = Stage.open("console")) {
            String uid = stage.create(stage.vm(PAYROLL).shortGracePeriod()).identity();
            try (ConsoleUser ada = new ConsoleUser(stage, PAYROLL)) {
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

                try (ConsoleUser eve = new ConsoleUser(stage, PAYROLL)) {
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
}
